"""Many values at once, as Arrow arrays: what is said here of a column is what Python says of each of its values."""
