"""The closed sets of words that columns hold, and what each word means.

The database has the same sets: a CHECK on each column, and the view ``wirewatch.meanings`` with a row for each word. A
new word stands here and in a migration that makes the CHECK and the view anew; a test compares the three.
"""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

#: What stands in rows of before version 0057 in place of a word that no set has; nothing writes it now.
UNKNOWN: Words = {"unknown": "an older version wrote a word that is not known now"}

#: Why a request gave no answer; see also `STATUSES`.
REQUESTS: Words = {
    "bad-url": "the address does not read as a URL",
    "bad-scheme": "only http and https are fetched",
    "bad-port": "the port is none of those on which outlets serve pages",
    "private-address": "the host is, or resolves to, an address that is not public",
    "dns": "the host name does not resolve",
    "connect": "the host refused the connection or cannot be reached",
    "tls": "the certificate or the handshake is not acceptable",
    "timeout-connect": "no connection within connect_timeout",
    "timeout-read": "no data within read_timeout",
    "timeout-total": "not finished within total_timeout",
    "disconnected": "the host closed the connection in the middle",
    "protocol": "the answer is not HTTP",
    "too-large": "the decompressed body is above the limit",
    "bad-encoding": "the compressed body cannot be decoded",
    "too-many-redirects": "more redirects than max_redirects, or a circle of them",
    "robots": "robots.txt forbids it or is unavailable",
    "not-captured": "the archive holds nothing of this address at or before the time",
    "archive-redirects": "the archive led from one capture to the next without end",
    "unresponsive": "the host let several requests in a row run out of time, and is left alone for a while",
    "not-reached": "the time of the batch was over before its turn; it is asked for in the next",
    "internal": "an error of this program; the log has the traceback",
}
#: How the words of a status of HTTP are spelt: any answer but 2xx, 304 and a redirect; ``archive``: of the web archive.
STATUSES = r"^(http|archive)-[0-9]{3}$"
#: Why an answer is no feed.
FEEDS: Words = {
    "empty-body": "the server sent no content",
    "html-page": "the address answers with a page, which may name the feed",
    "not-a-feed": "the document is none",
    "sitemap-index": "the document lists sitemaps, not pages",
    "malformed": "the document cannot be read, even leniently",
    "too-complex": "the document is nested or repeated beyond the limits",
    "another-feed": "the feed announced an address at which nothing of it is known",
    "timeout-parse": "reading the document took more time than allowed",
    "too-large-parse": "reading the document took more memory than allowed",
    "worker-lost": "the process that read it died twice",
}
#: Why an answer is no article, or gave way to what the feed said.
PAGES: Words = {
    "no-link": "the entry has no address",
    "bad-address": "the address is too long to be kept",
    "empty-body": "the server sent no content",
    "not-html": "the answer is no HTML page",
    "no-text": "no article text was found on the page",
    "extract-failed": "the libraries that read pages failed on it",
    "consent-page": "a question about cookies stands in place of the article",
    "script-only": "the page is filled by scripts; its HTML holds no article",
    "blocked-page": "the outlet takes the request for a robot's",
    "closed-page": "only subscribers are shown the article",
    "not-found-page": "the page says that there is no such article",
    "notice-page": "the text speaks to the visitor about the site",
    "home-page": "the outlet's home page, or a list of links",
    "no-headline": "neither title, markup nor feed know of the text",
    "off-subject": "the page speaks of something else than its feed",
    "repeated-text": "the text stands at another address of the outlet, word for word",
    "shared-link": "the address is one that entries of different titles share",
    "page-shorter-than-feed": "the page showed less of the text than the feed",
    "timeout-extract": "reading the page took more time than allowed",
    "too-large-extract": "reading the page took more memory than allowed",
    "worker-lost": "the process that read it died twice",
}
_OWNERSHIP: Words = {
    "state": "a government decides what it says",
    "public": "funded by law, independent of the government of the day",
    "private": "neither; whoever owns it",
    "agency": "a news wire that sells to others and takes no orders from a government",
}
_VERDICTS: Words = {
    "query+seed": "words and closeness",
    "query": "words; the model does not read the language",
    "seed": "closeness; the topic has no terms in the language",
    "groups": "a required group is missing",
    "elsewhere": "[not] terms tipped it",
    "window": "published outside the topic's days",
}
_FEED_DATES: Words = {
    "published": "the entry's own date",
    "updated": "the date of the entry's update",
    "url": "the day that the address names",
    "first-seen:missing": "none is stated; the first sighting stands in",
    "first-seen:unparsable": "what is stated is no date; the first sighting stands in",
    "first-seen:future": "what is stated is too far ahead of the clock; the first sighting stands in",
    "first-seen:epoch": "what is stated is before 1990; the first sighting stands in",
}

SETS: Mapping[str, Words] = {
    "alerts.kind": {
        "story-spreads": "a story is told by as many independent outlets as the topic has set",
        "feed-died": "a feed was paused, or withdrawn by its server",
        "no-collection": "no feed has answered, or none had anything new, for longer than is set",
        "feeds-failing": "as large a share of the feeds fails as is set",
        "feed-silent": "a feed answers, and is silent beyond its own habit",
        "feed-moved": "a feed has moved within the last week, or announced an address that is not its own",
        "disk-fills": "little of a disk is free, or it is full within days at its pace",
        "queue-grows": "the oldest waits for a step longer than is set, and longer than it did",
        "part-away": "nothing is heard of a part of Airflow, or of workers",
        "nobody-looks": "who looked for alerts has not done so for a while",
        "review-lapses": "a review is about to lapse, or has lapsed",
        "rows-disagree": "the last maintenance found rows that contradict each other",
        "run-fails": "the runs of a DAG fail",
        "notice": "what only happened, such as a clock put right, and did not arrive at once",
    },
    "article_revisions.kind": {
        "first": "the first wording that was had",
        "correction": "the outlet says that it corrected something",
        "update": "the text says something else than before",
        "minor": "a few words are others",
        **UNKNOWN,
    },
    "article_topics.rule": {**_VERDICTS, "person": "somebody's word", **UNKNOWN},
    "articles.author_rule": {
        "json-ld": "the page's linked data",
        "meta": "the page's meta tags",
        "markup": "the page's microdata and rel=author",
        "byline": "a line of the page's body",
        "desk": "nobody but the newsroom is credited",
        "feed": "the feed",
        "missing": "nobody is credited",
        **UNKNOWN,
    },
    "articles.kind": {
        "article": "a whole article",
        "teaser": "the first lines of one",
        "liveblog": "a page that grows through a day",
        "roundup": "several subjects in one text",
        **UNKNOWN,
    },
    "articles.language_rule": {
        "script": "a script that one language alone uses",
        "agreed": "the detector and a declaration",
        "detected": "the detector, which is sure, or has nothing to agree with",
        "declared": "the page",
        "feed": "the feed",
        "missing": "nothing says it",
        **UNKNOWN,
    },
    "articles.ownership": _OWNERSHIP,
    "articles.published_rule": {
        "json-ld": "the page's linked data",
        "meta": "the page's meta tags",
        "url": "the day that the address names",
        "feed": "the feed",
        "headline": "the date printed beside the headline",
        "script": "data of the page's scripts",
        "text": "a date in the text",
        "updated": "a date in the text of which the page says that it is that of a change",
        "first-seen": "nothing states it; the first sighting stands in",
        **UNKNOWN,
    },
    "articles.reason": {**REQUESTS, **PAGES, **UNKNOWN},
    "articles.state": {
        "pending": "the page is to be asked for, or again",
        "extracted": "the text is there",
        "failed": "there is none, and no other try makes sense; reason says why",
    },
    "articles.text_reason": {**REQUESTS, **PAGES, **UNKNOWN},
    "articles.text_source": {"page": "the page", "feed": "the feed, as text_reason says"},
    "copies.rule": {
        "canonical": "the copy's page names the origin as its original",
        "source": "the copy's feed or page credits the origin's outlet",
        "agency-line": "the copy's dateline or byline names the origin's agency",
        "earliest": "nobody names one; the one that was published first",
        **UNKNOWN,
    },
    "coverage.kind": {"recorded": "captures of past days", "live": "the outlets' own servers"},
    "digest_items.status": {
        "new": "no earlier digest had the story",
        "grown": "a digest had it, and there is something new",
        "corrected": "an article that a digest cited was corrected",
        "continuing": "a digest had it, and there is nothing new",
        "developing": "more articles, in digests drafted before version 0034",
        **UNKNOWN,
    },
    "digests.state": {
        "draft": "it waits for a reviewer",
        "published": "a reviewer approved it",
        "rejected": "a reviewer did not",
        "superseded": "a newer version took its place",
    },
    "entries.published_rule": {**_FEED_DATES, **UNKNOWN},
    "entry_revisions.published_rule": {**_FEED_DATES, **UNKNOWN},
    "entry_topics.rule": {**_VERDICTS, **UNKNOWN},
    "feed_moves.ended": {
        "followed": "the feed is asked at the new address",
        "known": "another feed of ours has the new address; this one is retired",
        "refused": "the new address is not the feed's; it is asked at the old one",
    },
    "feed_moves.way": {
        "redirect": "its server redirected there for good, for a day",
        "announced": "its document says that it lives there",
    },
    "feeds.format": {
        "rss2": "RSS 2.0",
        "rss1": "RSS 1.0 and 0.90, which are RDF",
        "rss0": "RSS 0.91 to 0.94, and CDF",
        "atom": "Atom",
        "json": "JSON Feed",
        "sitemap": "a sitemap of news",
        **UNKNOWN,
    },
    "feeds.ownership": _OWNERSHIP,
    "feeds.state": {
        "active": "it is asked when it is due",
        "paused": "it failed for long; it is tried now and then",
        "retired": "it is not asked any more",
    },
    "fetches.kind": {"feed": "a feed", "page": "the page of an article"},
    "fetches.outcome": {
        "ok": "a body that was read",
        "not-modified": "the server says that nothing changed",
        "unchanged": "the body is the one of before",
        "empty": "a feed without entries",
        "silent-zero": "a feed that never was empty for so long is",
        **REQUESTS,
        **FEEDS,
        **UNKNOWN,
    },
    "item_faults.kind": {
        "feed": "a row of feeds",
        "entry": "a row of entries",
        "article": "a row of articles",
        "story": "a row of stories",
        "digest": "a row of digests",
        "alert": "a row of alerts",
    },
    "item_faults.step": {
        "poll": "asking a feed",
        "push": "reading what a hub sent",
        "captures": "looking for a feed's captures",
        "match": "judging an entry",
        "extract": "fetching and reading a page",
        "copies": "looking for an article's origin",
        "embed": "making a vector, and judging the text",
        "place": "finding an article's story",
        "merge": "comparing stories",
        "reassign": "looking at an article's story again",
        "settle": "telling the days once more",
        "draft": "drafting a story of a digest",
        "publish": "publishing a digest",
        **UNKNOWN,
    },
    "memberships.method": {
        "mix": "vectors and words",
        "words": "words alone",
        "vectors": "vectors alone",
        "topical": "vectors and days, within the topic",
        "first": "there was nothing to compare with; it opened the story",
        "copy": "it came with the text that it is a copy of",
        "merge": "its story was merged",
        "split": "it left another story",
        "reassign": "it was looked at again within its first hour",
        "settle": "it was looked at again together with all of its days",
        "must-link": "a person's word",
        **UNKNOWN,
    },
    "overrides.kind": {
        "must-link": "the article must be in the story",
        "cannot-link": "the article may not be in the story",
    },
    "review_answers.outcome": {"taken": "it counts", "refused": "it changed nothing; reason says why"},
    "review_answers.via": {
        "terminal": "a command",
        "page": "the review page",
        "airflow": "the form of Airflow",
        **UNKNOWN,
    },
    "review_answers.wanted": {"publish": "publish it", "reject": "do not publish it", "hold": "wait with it"},
    "story_events.kind": {
        "open": "the story was opened",
        "merge": "the other story went into it",
        "split": "the other story came out of it",
        "move": "an article came from the other story",
        "must-link": "a person put an article into it",
        "not-topic": "a person took an article off the topic",
    },
    "subscriptions.state": {
        "new": "the hub is to be asked",
        "asked": "the hub has not asked back yet",
        "active": "the hub tells of news until lease_until",
        "denied": "the hub refused",
    },
}
_TO = "(files|webhook|slack|mail)"
_CHANNEL = f"(review-|failed-{_TO}-|raised-|again-[0-9]+-|cleared-)?{_TO}"
#: Beside their words, what some columns hold that is spelt by a rule.
PATTERNS: Mapping[str, str] = {
    "articles.reason": STATUSES,
    "articles.text_reason": STATUSES,
    "deliveries.channel": f"^{_CHANNEL}$",
    "fetches.outcome": STATUSES,
    "item_faults.step": f"^deliver-{_CHANNEL}$",
}
