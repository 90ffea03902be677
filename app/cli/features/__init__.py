"""``python -m app import | export | map``."""
