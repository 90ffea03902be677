"""What a tour takes at least, and what of a problem can be ruled out before the search."""
