"""What this operating system wants: files that are synced, memory that goes back, sockets."""
