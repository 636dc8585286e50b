"""Writers of scripts behind one port."""
