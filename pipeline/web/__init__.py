"""The only HTTP client and its parts: robots.txt, pace, checked addresses, limits, Memento; mail beside it."""

from pipeline.web.client import Client, post, validators_of
from pipeline.web.exchange import REASONS, UNASKED
from pipeline.web.fetching import Request
from pipeline.web.gathering import Arrived, Gathering
from pipeline.web.pacing import MemoryPacing, Pacing

__all__ = [
    "REASONS",
    "UNASKED",
    "Arrived",
    "Client",
    "Gathering",
    "MemoryPacing",
    "Pacing",
    "Request",
    "post",
    "validators_of",
]
