"""The walk network of a day: walks along it, gates with hours, directions in words, who is in reach."""
