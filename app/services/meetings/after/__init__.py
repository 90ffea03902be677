"""After a meeting: what is to be done."""
