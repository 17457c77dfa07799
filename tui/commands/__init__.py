"""One file per command group, imported when called."""
