"""What changed since the digest that was published before, by articles and texts seen then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline import digests
from pipeline.digests.corrections import correction
from pipeline.models import Digest, StoryArticle
from pipeline.models.details import Before, Earlier, Print, Revised, ShownBefore
from tests.support.digest_cases import DAY, NOON, SINCE, article, earlier, story, summit

OLD = "The presidential plane landed in Pyongyang before dawn. Kim waited on the tarmac."
NEW = "Both leaders signed a mutual assistance treaty at the Kumsusan guesthouse."


def drafted(told: tuple[Earlier, ...], *articles: StoryArticle) -> Digest:
    return digests.draft(summit(), DAY, [story(1, *articles)], Before(SINCE, (), {1: told} if told else {}))


def test_without_anything_seen_before_a_story_is_new() -> None:
    assert drafted((), article(2, "a")).items[0].status == "new"


def test_more_articles_alone_are_no_growth() -> None:
    """The counts rise, and nothing is said that was not said."""
    articles = [article(n, f"paper{n}", lead=OLD, title="T") for n in range(2, 9)]
    item = drafted((earlier(1, "a", OLD),), *articles).items[0]
    assert (item.status, item.details.grown) == ("continuing", None)


def test_a_sentence_that_is_new_is_growth_even_in_one_article() -> None:
    item = drafted((earlier(1, "a", OLD), earlier(2, "b", OLD)), article(3, "c", lead=f"{OLD} {NEW}")).items[0]
    assert item.status == "grown"
    assert item.details.grown is not None
    assert (item.details.grown.text, item.details.grown.article_id) == (NEW, 3)


def test_the_newest_article_is_asked_first_and_copies_never() -> None:
    late = "Seoul's security council convened an emergency session within hours."
    articles = (article(3, "c", lead=NEW), article(4, "d", lead=late), article(5, "e", lead="Markets fell.", copy_of=3))
    item = drafted((earlier(1, "a", OLD),), *articles).items[0]
    assert item.details.grown is not None
    assert item.details.grown.article_id == 4


def test_what_the_digest_before_could_not_know_was_not_seen() -> None:
    late = earlier(1, "a", OLD, seen=False)
    assert drafted((late,), article(2, "b", lead=OLD)).items[0].status == "new"


def test_another_language_is_not_compared() -> None:
    item = drafted((earlier(1, "a", OLD),), article(2, "b", language="ko", lead="두 정상은 조약에 서명했다.")).items[0]
    assert item.status == "continuing"


def test_a_story_ends_where_no_article_of_it_is_left() -> None:
    shown = (ShownBefore(1, "Goes on", (1,)), ShownBefore(2, "Moved", (2,)), ShownBefore(3, "Over", (3,)))
    before = Before(SINCE, shown, {1: (earlier(1, "a", OLD),), 4: (earlier(2, "b", OLD),)})
    stories = [story(1, article(11, "a")), story(4, article(12, "b"))]
    digest = digests.draft(replace(summit(), max_stories=1), DAY, stories, before)
    assert [each.headline for each in digest.changes.ended] == ["Over"], "what is left out has not ended"


def test_the_sentence_counts_the_marks() -> None:
    digest = drafted((earlier(1, "a", OLD),), article(3, "c", lead=NEW))
    assert "Since the digest of 18 June 2024: 1 has grown." in digests.to_text(digest, summit())
    first = digests.draft(summit(), DAY, [story(1, article(1, "a"))])
    assert "No digest of an earlier day was published" in digests.to_text(first, summit())


def test_comparing_again_leaves_what_an_editor_did() -> None:
    first = digests.draft(summit(), DAY, [story(1, article(3, "c", lead=NEW)), story(2, article(4, "d"))])
    edited = replace(first, items=(replace(first.items[0], headline="Mine", summary="My own.", rank=7),))
    stories = [story(1, article(3, "c", lead=NEW)), story(2, article(4, "d"))]
    again = digests.compared(edited, stories, Before(SINCE, (), {1: (earlier(1, "a", OLD),)}))
    assert [(i.headline, i.summary, i.rank, i.status) for i in again.items] == [("Mine", "My own.", 7, "grown")]
    assert again.changes.since == SINCE


# --- corrections ------------------------------------------------------------------------------------------

WAS = "Kim welcomed Putin.\nSatellite pictures show 205 containers at the port. They were moved by night."
NOW = (
    "Kim welcomed Putin.\nSatellite pictures show 250 containers at the port. They were moved by night.\n"
    "Correction: an earlier version of this article gave 205 containers."
)


def revised(was: str = WAS, now: str = NOW, *texts: str) -> Revised:
    prints = tuple(Print(f"Paper {n}", f"https://paper{n}.example/", "T", text) for n, text in enumerate(texts))
    return Revised(9, 1, "Wire", "https://wire.example/", "Ships", NOON - timedelta(hours=3), was, now, prints)


def test_a_correction_says_what_was_and_what_is() -> None:
    found = correction(revised())
    assert found.was == "Satellite pictures show 205 containers at the port."
    assert found.now == "Satellite pictures show 250 containers at the port."


def test_copies_with_the_old_figure_are_named_and_no_others() -> None:
    texts = (
        WAS,
        NOW,
        "Satellite pictures show 205 containers at the port, Wire reports.",
        "A fleet of 205 ships left the port of Vladivostok on Tuesday.",
        "Nothing of it.",
    )
    assert [copy.outlet for copy in correction(revised(WAS, NOW, *texts)).copies] == ["Paper 0", "Paper 2"]


def test_a_correction_by_a_note_alone_shows_the_note() -> None:
    note = "Correction: the minister's name is Choe."
    found = correction(revised(WAS, f"{WAS}\n{note}", WAS))
    assert (found.was, found.now, found.copies) == ("", note, ())


@pytest.mark.parametrize("shown", [True, False])
def test_a_corrected_story_is_marked_and_the_correction_stands_whether_or_not_it_is_told_on(shown: bool) -> None:
    before = Before(SINCE, (), {1: (earlier(9, "wire", WAS),)}, (revised(),))
    stories = [story(1 if shown else 2, article(3, "c"))]
    digest = digests.draft(summit(), DAY, stories, before)
    assert digest.items[0].status == ("corrected" if shown else "new")
    assert [each.article_id for each in digest.changes.corrections] == [9]
    assert "It said “Satellite pictures show 205 containers at the port.”" in digests.to_markdown(digest, summit())
