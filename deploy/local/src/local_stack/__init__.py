"""The one-command stack without containers."""
