"""One function per named query, a module a noun; rows in and out as dicts, meaning stays with the caller."""
