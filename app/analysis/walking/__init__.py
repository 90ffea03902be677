"""Walking along a network: shortest walks, gates with time windows, detours, directions, isochrones."""
