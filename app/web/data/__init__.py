"""The pages of what can be taken out."""
