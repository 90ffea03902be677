"""Neighbor meetings, and each company's part in them."""
