"""What may be asked: query parameters, their values, filters."""
