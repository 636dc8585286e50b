"""Records voices, renders clips, assembles videos."""
