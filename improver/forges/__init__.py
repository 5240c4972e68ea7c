"""Forges: one file each."""
