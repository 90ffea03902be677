"""``python -m app tour``."""
