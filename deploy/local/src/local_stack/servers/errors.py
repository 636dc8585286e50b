"""What stops a server from coming up, with the one command that mends it."""


class ServerError(Exception):
    """Says what is wrong and what to do."""
