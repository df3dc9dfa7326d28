"""What every extraction worker needs, loaded on import: the fork server imports this once, and all workers share it."""

from __future__ import annotations

from pipeline import extraction, urls
from pipeline.text import agencies, languages

__all__ = ["extraction"]

languages.detect("The language model loads on its first use.")
urls.registered_domain("https://outlet.example/")
agencies.credits_of("PYONGYANG (Reuters) - The patterns compile on their first use.")
