"""What keeps the data folder whole and small: backups, what is brought back, and what is taken out."""
