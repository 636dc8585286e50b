"""Files from strangers: known by their bytes, and made anew by a process that may use little."""
