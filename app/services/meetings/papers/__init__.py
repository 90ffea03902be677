"""What papers of a meeting, boards of parks and yearly reports hold."""
