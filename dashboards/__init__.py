"""The web face: server-drawn pages on the web listener."""
