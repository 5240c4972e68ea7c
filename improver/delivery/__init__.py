"""Where a change goes: forges, pull requests and what becomes of them, and the fence between daemons."""
