"""Pages for what comes after a meeting."""
