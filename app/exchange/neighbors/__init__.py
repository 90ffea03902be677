"""Files of neighbor pairs."""
