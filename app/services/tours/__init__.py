"""Tours as they are stored, shown and taken along."""
