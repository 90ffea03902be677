"""The exact search: labels, subset dynamic programming, anytime control, and the times of what they find."""
