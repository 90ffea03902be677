"""Whom to bring together: the next meeting, groups of one that is planned, and who is kept apart."""
