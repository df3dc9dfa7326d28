"""A digest to test on: one of each kind of story, with a correction and an ended one; `write` renews its snapshots.

``python -m tests.support.digest_cases`` writes what each shape makes of it into ``tests/unit/digests/snapshots``.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline import digests, topics
from pipeline.models import Digest, PublishedDigest, StoryArticle, StoryView
from pipeline.models.details import Before, Earlier, Gloss, Print, Revised, ShownBefore, Since
from tests.support.project import REPOSITORY

NOON = datetime(2024, 6, 19, 12, tzinfo=UTC)
DAY = "2024-06-19"
SNAPSHOTS = REPOSITORY / "tests" / "unit" / "digests" / "snapshots"
NOTE = "Figures of the treaty were checked at noon."


def summit() -> topics.Topic:
    """The topic of the recorded web, in the zone of Pyongyang."""
    seeds = REPOSITORY / "seeds"
    return topics.load(seeds / "topics" / "putin-kim-summit.toml", seeds / "documents")


def article(number: int, outlet: str, **changes: object) -> StoryArticle:
    """An article of a private British outlet in English, so many minutes after noon as its number."""
    base = StoryArticle(
        article_id=number,
        title=f"Headline {number}",
        url=f"https://{outlet}.example/{number}",
        outlet=outlet,
        country="GB",
        ownership="private",
        language="en",
        published=NOON + timedelta(minutes=number),
        copy_of=None,
        lead="The treaty was signed on Wednesday. It has 23 articles.",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def story(number: int, *articles: StoryArticle) -> StoryView:
    """A story of these articles."""
    return StoryView(number, articles[0].published, articles[-1].published, articles, 0.5)


def earlier(number: int, outlet: str, text: str, **changes: object) -> Earlier:
    """An article of the day before that the digest of that day could know."""
    at = NOON - timedelta(days=1) + timedelta(minutes=number)
    base = Earlier(number, outlet, f"https://{outlet}.example/{number}", "en", at, text, True)
    return replace(base, **changes)  # type: ignore[arg-type]


SINCE = Since(6, "2024-06-18", NOON - timedelta(hours=14))
ARRIVAL = "The presidential plane landed in Pyongyang before dawn. Kim waited on the tarmac."


def sample() -> tuple[Digest, topics.Topic]:
    """A day with a grown, a corrected, a foreign, a continuing and a new story; one is left out, one has ended."""
    topic = replace(summit(), max_stories=5)
    treaty = story(
        11,
        article(
            1, "Halcyon Wire", title="Putin & Kim sign a “treaty”", ownership="agency",
            url="https://halcyon.example/treaty?utm_source=rss",
            lead="SEOUL, June 19 (Halcyon Wire) — Putin and Kim signed a partnership treaty in Pyongyang. "
            "A clause pledges mutual assistance against aggression.\nSubscribe to our newsletter for more.",
        ),
        article(
            2, "Pampero", country="AR", title="Pacto en Pyongyang", language="es",
            lead="Los dos líderes firmaron un tratado. Tiene 23 artículos.",
        ),
        article(
            3, "Straits View", country="SG", title="What the pact means for Seoul",
            lead="South Korea's security council convened an emergency session within hours. It weighs arms for Kyiv.",
        ),
        article(4, "Lakefront", country="US", title="Putin & Kim sign a “treaty”", copy_of=1),
    )  # fmt: skip
    car = story(12, article(21, "Gaon", country="KR", lead="The limousine has 598 horsepower. Kim drove it."))
    foreign = story(
        13,
        article(
            31, "하늘통신", country="KR", language="ko", ownership="agency", title="북러 정상 산책",
            lead="(서울=하늘통신) 김하늘 기자 = 두 정상은 정원에서 한 시간 동안 산책했다. 통역만 함께했다.",
        ),
        article(
            32, "Minato", country="JP", language="ja", published=NOON.replace(hour=0), title="首脳が散策",
            lead="両首脳は庭園を散策した。通訳だけが同行した。",
        ),
    )  # fmt: skip
    arrival = story(14, article(41, "Courier", lead=ARRIVAL))
    song = story(15, article(51, "Courier", title="A concert ends the day", lead="An orchestra played for two hours."))
    small = story(16, article(61, "Small"))
    before = Before(
        since=SINCE,
        shown=(
            ShownBefore(12, "A gift on wheels", (20,)),
            ShownBefore(14, "Putin arrives", (40,)),
            ShownBefore(19, "Embassy *moves* staff", (90,)),
        ),
        earlier={
            11: (earlier(10, "Halcyon Wire", "Putin and Kim will sign a partnership treaty in Pyongyang."),),
            12: (earlier(20, "Gaon", "The limousine has 205 horsepower. Kim drove it."),),
            14: (earlier(40, "Courier", ARRIVAL),),
        },
        revised=(
            Revised(
                20, 12, "Gaon", "https://gaon.example/car", "A gift on wheels", NOON - timedelta(hours=6),
                "Putin gave Kim a car. The limousine has 205 horsepower.",
                "Putin gave Kim a car. The limousine has 598 horsepower.\nCorrection: an earlier version said 205.",
                (
                    Print("Lakefront", "https://lakefront.example/car", "A gift", "The limousine has 205 horsepower."),
                    Print("Baobab", "https://baobab.example/car", "A gift", "The limousine has 598 horsepower."),
                ),
            ),
        ),
    )  # fmt: skip
    digest = digests.draft(topic, DAY, [treaty, car, foreign, arrival, song, small], before)
    glossed = Gloss("The leaders' walk", "en", "LibreTranslate at gloss.example", "북러 정상 산책")
    items = tuple(
        replace(item, details=replace(item.details, gloss=glossed)) if item.story_id == 13 else item
        for item in digest.items
    )
    return replace(digest, items=items), topic


def shapes() -> dict[str, str]:
    """File name -> what each shape makes of the sample, with a note."""
    digest, topic = sample()
    body = digests.to_mail_body(digest, topic, NOTE)
    row = PublishedDigest(7, DAY, digest.title, body, NOON + timedelta(hours=10))
    return {
        "digest.md": digests.to_markdown(digest, topic, NOTE),
        "digest.txt": digests.to_text(digest, topic, NOTE),
        "digest.json": digests.to_json(digest, topic, NOTE),
        "body.html": digests.to_body(digest, topic, NOTE).partition('<section class="d-plot">')[0],
        "mail.html": body,
        "atom.xml": digests.to_atom(topic, [row], row.published_at, "https://news.example/summit").decode(),
        "slack.json": json.dumps(
            digests.to_slack(digest, topic, NOTE, link="https://news.example/summit/2024-06-19.html"),
            ensure_ascii=False,
            indent=1,
        ),
        "index.html": digests.to_index(topic, [row]).partition("<main>")[2],
    }


if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    for name, text in shapes().items():
        (SNAPSHOTS / name).write_text(text, encoding="utf-8")
