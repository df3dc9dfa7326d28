"""Wirewatch: many news feeds in, one reviewed digest per day out."""

__version__ = "0.1.0"
