"""Other people's servers on this machine, each with the load that we get: `make bench-peers`."""
