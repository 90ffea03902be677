"""Tour problems and plans in files, ours and published ones."""
