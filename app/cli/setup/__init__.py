"""``python -m app serve | stop | db | check``."""
