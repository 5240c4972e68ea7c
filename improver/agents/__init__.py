"""Adapters to coding agents: one file each."""
