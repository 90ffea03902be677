"""Plots, companies, neighbors and walking tours of business parks, over time."""
