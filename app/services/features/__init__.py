"""Collections taken in and given out, and what the map shows beside them."""
