"""Plans and saved tours as JSON."""
