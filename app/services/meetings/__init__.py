"""Neighbor meetings: whom they are for, who is invited, who answered and came; contacts of companies."""
