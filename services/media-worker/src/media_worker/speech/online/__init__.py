"""Voices of providers on the network."""
