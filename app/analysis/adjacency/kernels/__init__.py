"""The compiled parts: what two borders have in common, and what each sees of the other."""
