"""Bundled JavaScript: source maps, the frames that they resolve, and where they come from."""
