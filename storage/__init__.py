"""SQLite storage; imports nothing of the other packages."""
