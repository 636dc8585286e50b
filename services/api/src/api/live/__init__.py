"""Open pages: who looks at what, and what is new for them."""
