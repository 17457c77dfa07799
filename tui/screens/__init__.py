"""One file per screen or pane."""
