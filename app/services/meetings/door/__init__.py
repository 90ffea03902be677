"""The door of a meeting: its links, what phones note there, and firms that nobody knew."""
