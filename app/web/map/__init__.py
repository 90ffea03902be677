"""The map page and the list of companies."""
