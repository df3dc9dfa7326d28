"""The only HTTP client and its parts: robots.txt, pace, checked addresses, limits, Memento; mail beside it."""

from pipeline.web.client import Client, validators_of
from pipeline.web.exchange import REASONS, UNASKED
from pipeline.web.fetching import Request
from pipeline.web.gathering import Arrived, Gathering
from pipeline.web.pacing import MemoryPacing, Pacing
from pipeline.web.posting import post

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
