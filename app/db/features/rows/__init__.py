"""Where the rows of each collection come from."""
