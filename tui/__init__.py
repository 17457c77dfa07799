"""Everything the user touches: the Textual workspace and the command line."""
