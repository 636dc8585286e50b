"""Voices: text in, sound with caption times out."""
