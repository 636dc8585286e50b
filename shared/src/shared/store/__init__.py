"""PostgreSQL: the one place where state is read, and where state and the next command commit
together.
"""
