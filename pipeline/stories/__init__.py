"""Which story an article belongs to and why (pure); the same over an index in memory or in Postgres; calibration."""
