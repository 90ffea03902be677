"""Forms for staff: what happens to companies, seen before it is saved, and taken back."""
