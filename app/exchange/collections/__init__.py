"""Collections in files: written in every form, and read back without loss."""
