"""The demo: a to-do app with three planted bugs, and the loop that mends them."""
