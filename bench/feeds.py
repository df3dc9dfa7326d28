"""Entries per second of `pipeline.feeds` beside bare feedparser on the same documents, in one run.

    python -m bench.feeds [--feeds 40] [--rounds 5]

The documents are made here: RSS 2.0, RSS 1.0 and Atom with 10 to 100 entries each, in four scripts, some with full
content, some with a summary only, as news feeds come. Both sides take turns on each document; the figure is CPU time,
the median over the rounds. feedparser parses, sanitises and resolves as it does by default. Ours adds the address, the
text, the date, the identity and the problems of each entry, and leaves the markup as it came.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import feedparser

from pipeline import feeds, urls

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
SENTENCES = {
    "en": "the leaders met in the capital on Wednesday and signed a treaty that both sides called historic",
    "ru": "лидеры встретились в столице в среду и подписали договор который обе стороны назвали историческим",
    "ko": "두 정상은 수요일 수도에서 만나 양측이 역사적이라고 부른 조약에 서명했다고 통신이 전했다",
    "ja": "両首脳は水曜日に首都で会談し 双方が歴史的と呼ぶ条約に 署名したと 通信社が 伝えた",
}
WORDS = {language: sentence.split() for language, sentence in SENTENCES.items()}


def _prose(random_: random.Random, language: str, count: int) -> str:
    return " ".join(random_.choice(WORDS[language]) for _ in range(count))


def _entry(random_: random.Random, language: str, number: int, full: bool, form: str) -> str:
    title, moment = _prose(random_, language, 10), NOW - timedelta(minutes=random_.randrange(60 * 72))
    link = f"https://www.outlet.example/world/{moment:%Y/%m/%d}/{number}?utm_source=rss"
    summary = f'&lt;p&gt;{_prose(random_, language, 30)} &lt;a href="/tags/{number}"&gt;more&lt;/a&gt;&lt;/p&gt;'
    paragraphs = "".join(
        f"<p>{_prose(random_, language, 60)} <em>x</em> <a href='https://a.example/'>y</a></p>" for _ in range(8)
    )
    content = f"<![CDATA[{paragraphs}]]>" if full else ""
    if form == "atom":
        body = f'<content type="html">{content}</content>' if full else ""
        return (
            f'<entry><id>tag:outlet.example,2024:{number}</id><title>{title}</title><link href="{link}"/>'
            f"<published>{moment.isoformat()}</published><updated>{NOW.isoformat()}</updated>"
            "<author><name>A B</name></author>"
            f'<category term="World"/><summary type="html">{summary}</summary>{body}</entry>'
        )
    dated = (
        f"<dc:date>{moment.isoformat()}</dc:date>"
        if form == "rdf"
        else f"<pubDate>{moment:%a, %d %b %Y %H:%M:%S} +0000</pubDate>"
    )
    opening = f'<item rdf:about="{link}">' if form == "rdf" else f'<item><guid isPermaLink="false">{number}</guid>'
    body = f"<content:encoded>{content}</content:encoded>" if full else ""
    return (
        f"{opening}<title>{title}</title><link>{link.replace('&', '&amp;')}</link>{dated}<dc:creator>A B</dc:creator>"
        f"<category>World</category><description>{summary}</description>{body}</item>"
    )


def documents(count: int, seed: int = 1) -> list[bytes]:
    """`count` feeds of three formats and four scripts; the same for the same seed."""
    random_ = random.Random(seed)
    made = []
    namespaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    for number in range(count):
        language, form = list(WORDS)[number % 4], ("rss", "rss", "atom", "rdf")[number // 4 % 4]
        full = random_.random() < 0.3
        entries = "".join(_entry(random_, language, i, full, form) for i in range(random_.randint(10, 100)))
        if form == "atom":
            text = (
                f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}"><title>Outlet</title>{entries}</feed>'
            )
        elif form == "rdf":
            text = (
                '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
                f"{namespaces}><channel><title>Outlet</title></channel>{entries}</rdf:RDF>"
            )
        else:
            text = f'<rss version="2.0" {namespaces}><channel><title>Outlet</title>{entries}</channel></rss>'
        made.append(f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode())
    return made


def _cpu(work: Callable[[], int]) -> tuple[float, int]:
    start = time.process_time()
    entries = work()
    return time.process_time() - start, entries


def _ours(body: bytes) -> int:
    return len(feeds.parse(body, "https://outlet.example/rss", None, NOW).entries)


def _bare(body: bytes) -> int:
    return len(feedparser.parse(io.BytesIO(body)).entries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    made = documents(options.feeds)
    ratios, ours_rates, bare_rates = [], [], []
    for _ in range(options.rounds):
        urls.canonical.cache_clear()  # a first reading: a worker that polls again finds most addresses in its cache
        ours = bare = 0.0
        count = 0
        for body in made:
            took, entries = _cpu(partial(_ours, body))
            ours += took
            count += entries
            took, found = _cpu(partial(_bare, body))
            bare += took
            if found != entries:
                raise SystemExit(f"feedparser found {found} entries where we found {entries}")
        ratios.append(bare / ours)
        ours_rates.append(count / ours)
        bare_rates.append(count / bare)
    print(
        json.dumps(
            {
                "feeds": len(made),
                "bytes": sum(map(len, made)),
                "entries": count,
                "ours_entries_per_cpu_second": round(statistics.median(ours_rates)),
                "feedparser_entries_per_cpu_second": round(statistics.median(bare_rates)),
                "ratio": round(statistics.median(ratios), 2),
                "ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
                "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
