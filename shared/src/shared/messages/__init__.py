"""The contracts: every message that crosses the broker, and the values inside them. Knows no
broker and no database.
"""
