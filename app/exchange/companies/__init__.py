"""Lists of companies that people made by hand."""
