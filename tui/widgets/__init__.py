"""Reusable pieces; they know rows, not the Workspace."""
