"""Plots in files that others made: formats, encodings, reference systems."""
