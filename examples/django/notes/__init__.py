"""Notes with a title, kept in a database."""
