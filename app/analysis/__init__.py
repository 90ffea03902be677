"""Pure functions over frames and arrays; nothing here reads a file, a clock or a database."""
