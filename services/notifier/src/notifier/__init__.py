"""Tells users of milestones."""
