"""The walk network and the permissions to use it."""
