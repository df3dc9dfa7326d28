"""What a day's digest cannot show yet, for its reviewer. Pure."""

from __future__ import annotations

from pipeline.models import StillComing


def still_coming(waiting: StillComing) -> str:
    """One sentence on what a day's digest cannot show yet; empty where it shows all."""
    said = [
        f"{count} {one if count == 1 else many}"
        for count, one, many in (
            (waiting.held, "is being fetched", "are being fetched"),
            (waiting.to_fetch, "is to be fetched", "are to be fetched"),
            (waiting.to_retry, "is asked for again later", "are asked for again later"),
            (waiting.to_place, "waits for its story", "wait for their stories"),
            (waiting.set_aside, "was set aside by a fault", "were set aside by faults"),
        )
        if count
    ]
    parts = []
    if waiting.articles:
        subject = "1 article is" if waiting.articles == 1 else f"{waiting.articles} articles are"
        parts.append(f"{subject} still on the way: {', '.join(said)}.")
    if waiting.unjudged:
        subject = "1 entry is" if waiting.unjudged == 1 else f"{waiting.unjudged} entries are"
        parts.append(f"{subject} not judged yet.")
    return " ".join(parts)


def for_review(markdown: str, waiting: StillComing) -> str:
    """A draft as its reviewer reads it: above its stories, what is still on the way."""
    said = still_coming(waiting)
    if not said:
        return markdown
    title, _, rest = markdown.partition("\n")
    return f"{title}\n\n> {said}\n{rest}"
