"""The door of a meeting: the page of phones, and that of staff for its link."""
