"""One model a machine: a process that holds it, and the others of the same home, which ask it over a Unix socket."""

from pipeline.inference.client import encoder
from pipeline.inference.place import end_all

__all__ = ["encoder", "end_all"]
