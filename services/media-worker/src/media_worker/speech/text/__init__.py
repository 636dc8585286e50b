"""Written text → what is said, piece by piece. Pure."""
