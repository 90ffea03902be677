"""Meetings as files and mails: composed, handed to a server, and what comes back read; grouping problems."""
