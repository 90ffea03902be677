"""Plots as a list with their marketing status, and the pages by which staff change what is known of them."""
