"""The ingest origin: what is taken, from whom, how much, and what a sender is told."""
