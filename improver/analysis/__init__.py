"""What the stages of the analysis are made of: what came in, counts kept up with it, places, and prices."""
