"""Mails of meetings: composed, handed to a server, and what comes back read."""
