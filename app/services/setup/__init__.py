"""From any database to one that can be served, and whether it is consistent."""
