"""Numbered schema files, forward only, never edited once released."""
