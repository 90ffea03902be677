"""``python -m app staff``."""
