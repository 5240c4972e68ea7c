"""Closes the loop from telemetry to verified change."""
