"""The HTTP side: submit, follow, edit, fetch."""
