"""Tries each thing that improver stands on, for real, and says what to do about what does not work."""

from improver.doctor.check import Check, Health
from improver.doctor.examine import examine

__all__ = ["Check", "Health", "examine"]
