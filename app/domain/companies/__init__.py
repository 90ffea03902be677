"""How names, addresses and sectors of companies are written and compared."""
