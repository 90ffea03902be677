"""``python -m app walkway | permission``."""
