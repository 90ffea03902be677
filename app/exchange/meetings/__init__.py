"""Meetings as files."""
