"""Papers of a meeting, boards of parks and yearly reports, as PDF, calendar and workbook."""
