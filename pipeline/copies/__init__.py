"""Which text is a syndicated copy of which (pure), over an index in memory or in Postgres."""
