"""A tour as papers and files to take along."""
