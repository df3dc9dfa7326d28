"""One function per named query, a module per noun; rows in and out as dicts, meaning stays with the caller."""
