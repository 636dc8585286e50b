"""Removes artifacts that nothing has referred to for a week (docs/decisions/0002-collector.md)."""
