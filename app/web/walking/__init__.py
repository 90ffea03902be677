"""The forms for walkways and permissions."""
