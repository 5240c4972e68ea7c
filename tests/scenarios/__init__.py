"""Labelled stories of real apps: what they sent, and the Findings that a senior engineer would want of it."""
