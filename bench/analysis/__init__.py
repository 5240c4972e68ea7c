"""How good and how fast the analysis is; the sets that it is scored on are named on the command line, never shipped."""
