"""Meetings: invited, answered, written to."""
