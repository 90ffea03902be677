"""The walk network of a day: permissions, isochrones, directions in words."""
