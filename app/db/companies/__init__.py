"""Companies, the places they occupy, and who followed whom."""
