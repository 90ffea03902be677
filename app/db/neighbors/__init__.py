"""Neighbor pairs: computed rows, and persons' decisions about them."""
