"""Kills at seeded random moments over a collection of the recorded web; the rows must be an undisturbed run's."""
