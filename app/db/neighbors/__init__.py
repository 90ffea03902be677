"""Neighbor pairs: computed rows, and persons' overrides of them."""
