"""Writes scripts, scene by scene."""
