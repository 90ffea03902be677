"""Good tours soon, which prove nothing."""
