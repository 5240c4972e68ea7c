"""Gates: one file each."""
