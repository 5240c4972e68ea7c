"""Collectors: one file per telemetry format."""
