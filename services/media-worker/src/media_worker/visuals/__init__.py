"""Pictures that are made for cards by providers, for money."""
