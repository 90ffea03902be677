"""Plots that come from files, and whether a place lies near a park."""
