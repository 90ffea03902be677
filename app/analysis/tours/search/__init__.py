"""The search that proves: labels and sets of stops, stage by stage, and the times of what it finds."""
