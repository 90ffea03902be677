"""What happens to companies: business cases, corrections, undo."""
