"""Parks, plots, facilities and the base drawing, over time."""
