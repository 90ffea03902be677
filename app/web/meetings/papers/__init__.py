"""Pages and files of papers, boards and yearly reports."""
