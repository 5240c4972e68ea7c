"""Fuzzing of whatever reads what somebody else wrote: `make fuzz`."""
