"""A day's stories become a digest: chosen, ranked, compared with the one published before, rendered. Pure.

`draft` chooses, `compared` says what changed, `view.show` puts all of it into words, and each shape writes those down.
"""

from pipeline.digests.atom import to_atom
from pipeline.digests.changes import compared
from pipeline.digests.choosing import draft, headline_article, independent
from pipeline.digests.data import to_json
from pipeline.digests.html import style, to_body, to_mail_body, to_page
from pipeline.digests.index import Listed, to_contents, to_index
from pipeline.digests.markdown import escape, to_markdown
from pipeline.digests.plain import to_text
from pipeline.digests.slack import chat_text, slack_notice, to_slack
from pipeline.digests.summaries import opening, summary
from pipeline.digests.waiting import for_review, still_coming

__all__ = [
    "Listed",
    "chat_text",
    "compared",
    "draft",
    "escape",
    "for_review",
    "headline_article",
    "independent",
    "opening",
    "slack_notice",
    "still_coming",
    "style",
    "summary",
    "to_atom",
    "to_body",
    "to_contents",
    "to_index",
    "to_json",
    "to_mail_body",
    "to_markdown",
    "to_page",
    "to_slack",
    "to_text",
]
