"""The verbs: each takes the settings, works off what waits for it in Postgres, and returns its counts.

Any number of workers may run the same verb; running one twice changes nothing.
"""

from pipeline.steps.backfilling import backfill
from pipeline.steps.checking import check
from pipeline.steps.clustering import cluster
from pipeline.steps.digesting import digest_markdown, draft, publish
from pipeline.steps.embedding import embed
from pipeline.steps.extracting import extract
from pipeline.steps.listing import add_feed, check_feeds, discover, export_feeds, import_feeds, import_seed_list
from pipeline.steps.maintaining import maintain
from pipeline.steps.matching import match
from pipeline.steps.notifying import tell_of_failure, tell_of_review
from pipeline.steps.overruling import merge, not_topic, pin, split
from pipeline.steps.polling import due_batches, poll

__all__ = [
    "add_feed",
    "backfill",
    "check",
    "check_feeds",
    "cluster",
    "digest_markdown",
    "discover",
    "draft",
    "due_batches",
    "embed",
    "export_feeds",
    "extract",
    "import_feeds",
    "import_seed_list",
    "maintain",
    "match",
    "merge",
    "not_topic",
    "pin",
    "poll",
    "publish",
    "split",
    "tell_of_failure",
    "tell_of_review",
]
