"""Text that JSON and PostgreSQL can hold."""


def storable(text: str) -> str:
    """Without NUL and lone surrogates: PostgreSQL takes neither, and JSON no surrogate."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
