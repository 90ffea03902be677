"""The web server: its processes and connections."""
