"""The stages of the loop, in the order of pipeline.py: one file each, none imports another."""
