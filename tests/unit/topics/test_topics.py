"""Topic files and what is on topic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import topics
from pipeline.errors import ConfigurationError
from pipeline.feeds import opml
from pipeline.settings import Settings
from pipeline.topics import Closeness, TopicNumbers
from tests.support.project import REPOSITORY

IN_WINDOW = datetime(2024, 6, 18, 20, tzinfo=UTC)
DOCUMENTS = REPOSITORY / "seeds" / "documents"
TOPIC = REPOSITORY / "seeds" / "topics" / "putin-kim-summit.toml"
NUMBERS = TopicNumbers(typical=0.45, seed=0.5, stand_in=0.6)


def near(similarity: float) -> Closeness:
    return Closeness(similarity, NUMBERS)


@pytest.fixture(scope="module")
def summit() -> topics.Topic:
    return topics.load(TOPIC, DOCUMENTS)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Putin arrives in Pyongyang", "Kim Jong Un welcomed him at the airport."),
        ("푸틴, 평양 도착", "김정은 위원장과 회담한다."),
        ("Путин прибыл в Пхеньян", "Ким Чен Ын встретил его в аэропорту."),
        ("プーチン氏が平壌に到着", "金正恩総書記が出迎えた。"),
        ("普京抵达平壤", "金正恩到机场迎接。"),
        ("Poutine arrive à Pyongyang", "Kim Jong-un l'accueille."),
        ("Putin in Pjöngjang gelandet", "Kim Jong Un empfing ihn am Flughafen."),
        ("Putin llega a Pyongyang", "Kim Jong-un lo recibe."),
    ],
)
def test_every_language_is_found_by_its_words_alone(summit: topics.Topic, title: str, text: str) -> None:
    verdict = topics.match(summit, title, text, IN_WINDOW, None)
    assert verdict.on_topic, verdict
    assert verdict.rule == "query"
    assert len(verdict.terms) == 3


def test_the_row_says_by_which_rule_and_how_close(summit: topics.Topic) -> None:
    after = datetime(2024, 7, 9, tzinfo=UTC)
    late = topics.match(summit, "Putin in Pyongyang", "Kim Jong Un at talks", after, near(0.9))
    assert (late.on_topic, late.rule) == (False, "window")
    missile = topics.match(summit, "Kim Jong Un watches a missile test", "North Korea fired it.", IN_WINDOW, near(0.4))
    assert (missile.on_topic, missile.rule) == (False, "groups")
    close = topics.match(summit, "Putin in Pyongyang", "Kim Jong Un at talks", IN_WINDOW, near(0.9))
    assert close.on_topic
    assert close.similarity == 0.9
    assert close.score > close.threshold


def test_a_mention_in_passing_is_not_the_topic(summit: topics.Topic) -> None:
    body = ["Drones struck an oil depot on the Don, Russia said.", *["Firefighters were at work all night."] * 20]
    passing = "\n".join([*body, "Kyiv says that Moscow also fires shells made in North Korea."])
    verdict = topics.match(summit, "Oil depot ablaze", passing, IN_WINDOW, None)
    assert not verdict.on_topic
    together = "\n".join(["Putin and Kim Jong Un signed a treaty.", *["Moscow and Pyongyang will trade more."] * 5])
    assert topics.match(summit, "A bridge to nowhere", together, IN_WINDOW, None).score > verdict.score + 0.5


def test_the_not_terms_take_off_where_the_topic_is_not_named_beside_them(summit: topics.Topic) -> None:
    lead = "Putin arrived in Hanoi from North Korea."
    elsewhere = "\n".join([lead, *["Vietnam and Russia signed papers on energy."] * 4])
    verdict = topics.match(summit, "Putin in Hanoi", elsewhere, IN_WINDOW, near(0.5))
    assert (verdict.on_topic, verdict.rule) == (False, "elsewhere")
    assert "-Hanoi" in verdict.terms
    remarks = "\n".join([lead, *["In Hanoi, Putin said the treaty with North Korea binds Russia."] * 4])
    assert topics.match(summit, "Putin defends treaty with Pyongyang", remarks, IN_WINDOW, near(0.5)).on_topic


def test_closeness_decides_between_texts_with_the_same_words(summit: topics.Topic) -> None:
    title, text = "Putin flies east", "The president met miners.\n" * 20 + "North Korea is a thousand miles away."
    verdicts = [topics.match(summit, title, text, IN_WINDOW, near(similarity)) for similarity in (0.2, 0.8)]
    assert [verdict.on_topic for verdict in verdicts] == [False, True]
    assert [verdict.rule for verdict in verdicts] == ["query+seed", "query+seed"]


def test_an_entry_is_judged_mildly_and_its_full_text_is_not(summit: topics.Topic) -> None:
    headline, summary = "Путин в Якутске: визит перед поездкой", "Глава государства встретился с жителями."
    assert topics.match(summit, headline, summary, IN_WINDOW, None, entry=True).on_topic
    full = topics.match(summit, headline, summary, IN_WINDOW, None)
    assert (full.on_topic, full.rule) == (False, "groups")
    both = topics.match(summit, "Hanoi hears Putin on North Korea", "", IN_WINDOW, None, entry=True)
    assert both.on_topic, "an entry that names every required group is worth its page"
    neither = topics.match(summit, "Euro 2024: Portugal win", "A late goal.", IN_WINDOW, None, entry=True)
    assert (neither.on_topic, neither.rule) == (False, "groups")


def test_an_entry_of_one_group_needs_more_where_the_model_cannot_read_it(summit: topics.Topic) -> None:
    bare = topics.match(summit, "В Кремле назначен советник", "", IN_WINDOW, None, entry=True)
    assert (bare.on_topic, bare.rule) == (False, "query")
    visit = topics.match(summit, "В Кремле рассказали о визите", "", IN_WINDOW, None, entry=True)
    assert visit.on_topic
    name = topics.match(summit, "Kremlin mianuje doradcę", "", IN_WINDOW, None, language="pl", entry=True)
    assert name.on_topic, "where the topic has no terms, a name is all that can be found"


POLISH = ("Prezydent Rosji przybył do Korei Północnej", "Przywódca powitał go na lotnisku.")


@pytest.mark.parametrize("entry", [True, False])
def test_closeness_stands_in_for_the_words_of_a_language_that_the_topic_lacks(
    summit: topics.Topic, entry: bool
) -> None:
    assert not summit.speaks("pl-PL")
    verdicts = [
        topics.match(summit, *POLISH, IN_WINDOW, near(similarity), language="pl-PL", entry=entry)
        for similarity in (0.59, 0.61)
    ]
    assert [(verdict.on_topic, verdict.rule) for verdict in verdicts] == [(False, "seed"), (True, "seed")]
    assert verdicts[0].score < verdicts[0].threshold <= verdicts[1].score
    late = topics.match(summit, *POLISH, datetime(2024, 7, 9, tzinfo=UTC), near(0.9), language="pl", entry=entry)
    assert (late.on_topic, late.rule) == (False, "window")


def test_what_words_of_other_languages_stand_in_such_a_text_counts_too(summit: topics.Topic) -> None:
    def judged(title: str) -> topics.TopicMatch:
        return topics.match(summit, title, "", IN_WINDOW, near(0.4), language="pl", entry=True)

    assert not judged("Rosja i Korea Północna").on_topic
    assert judged("Putin: Kim Jong Un i traktat").on_topic
    hanoi = judged("Hanoi: Vietnam")
    assert (hanoi.on_topic, hanoi.terms) == (False, ("-Hanoi",))


def test_nothing_stands_in_for_words_that_the_topic_has_or_without_a_measured_threshold(summit: topics.Topic) -> None:
    for language in ("en", "ru", None):
        verdict = topics.match(summit, *POLISH, IN_WINDOW, near(0.9), language=language, entry=True)
        assert (verdict.on_topic, verdict.rule) == (False, "groups")
    unmeasured = Closeness(0.9, TopicNumbers(0.45, 0.5))
    verdict = topics.match(summit, *POLISH, IN_WINDOW, unmeasured, language="pl", entry=True)
    assert (verdict.on_topic, verdict.rule) == (False, "groups")


def test_a_language_is_spoken_where_every_required_group_has_a_term_in_it(tmp_path: Path) -> None:
    text = TOPIC.read_text(encoding="utf-8")
    path = tmp_path / "summit.toml"
    path.write_text(
        text.replace("[groups.russia]\n", '[groups.russia]\npl = ["Putin"]\nzh-Hant = ["俄"]\nes-MX = []\n'), "utf-8"
    )
    topic = topics.load(path, DOCUMENTS)
    assert topic.languages == {"en", "ko", "ru", "ja", "zh", "fr", "de", "es"}, "pl names one of two required groups"
    assert "俄" in topic.groups["russia"]["zh"]
    narrowed = topic.only({"en", "pl"})
    assert narrowed.languages == {"en"}
    assert not topics.mentions(narrowed, "푸틴 평양", "")


def test_closeness_is_worth_measuring_where_it_can_decide(summit: topics.Topic) -> None:
    assert topics.worth_measuring(summit, "Putin lands", "", "en")
    assert not topics.worth_measuring(summit, "Portugal wins", "", "en")
    assert not topics.worth_measuring(summit, "Portugal wins", "", None)
    assert topics.worth_measuring(summit, "Portugalia wygrywa", "", "pl")


@pytest.mark.parametrize(
    "title",
    ["그러나 구조로 바뀐 병원", "조선소 수주 호황", "Significant drop in prices", "Mr Kimball visits his shop"],
)
def test_terms_do_not_match_inside_other_words(summit: topics.Topic, title: str) -> None:
    assert not topics.mentions(summit, title, "")


def test_a_day_is_the_calendar_day_of_the_topics_zone(summit: topics.Topic) -> None:
    start, end = summit.day_bounds(date(2024, 6, 19))
    assert start == datetime(2024, 6, 18, 15, tzinfo=UTC)
    assert end == datetime(2024, 6, 19, 15, tzinfo=UTC)
    assert summit.yesterday(datetime(2024, 6, 19, 16, tzinfo=UTC)) == date(2024, 6, 19)


def test_the_days_of_a_topic_span_whole_days_around_its_window(summit: topics.Topic) -> None:
    """A window that ends before the hour of the digest has a last day all the same."""
    odd = replace(summit, end=datetime(2024, 6, 23, 17, tzinfo=UTC), start=datetime(2024, 6, 17, 5, tzinfo=UTC))
    assert odd.span() == (datetime(2024, 6, 16, 15, tzinfo=UTC), datetime(2024, 6, 24, 15, tzinfo=UTC))
    assert summit.span() == (summit.start, summit.end)


def test_an_ongoing_topic_has_no_last_day(tmp_path: Path, summit: topics.Topic) -> None:
    path = tmp_path / "ongoing.toml"
    path.write_text(TOPIC.read_text("utf-8").replace("end = 2024-06-23T15:00:00Z\n", ""), "utf-8")
    ongoing = topics.load(path, DOCUMENTS)
    assert ongoing.end is None
    assert ongoing.span() == (summit.start, None)
    assert ongoing.definition()["end"] is None
    years_later = datetime(2031, 3, 1, tzinfo=UTC)
    assert ongoing.covers(years_later)
    assert not summit.covers(years_later)
    assert not ongoing.covers(summit.start - timedelta(seconds=1)), "it begins all the same"
    assert topics.match(ongoing, "Putin in Pyongyang", "Kim Jong Un at talks", years_later, near(0.9)).on_topic
    assert ongoing.days(summit.start + timedelta(days=3)) == [date(2024, 6, day) for day in (17, 18, 19)]
    assert ongoing.days(summit.start - timedelta(days=9)) == []
    assert summit.days(years_later) == summit.days(summit.start), "where a window ends, nothing else counts"


@pytest.mark.parametrize("path", sorted(TOPIC.parent.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_topic_speaks_the_languages_of_the_feeds(path: Path) -> None:
    sources, _ = opml.read((REPOSITORY / "seeds" / "feeds.opml").read_bytes())
    topic = topics.load(path, DOCUMENTS)
    now = datetime(2026, 11, 28, tzinfo=UTC)
    missing = {source.language for source in sources if not topic.speaks(source.language)}
    assert not missing or not topic.covers(now), missing


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[window]", "[wundow]"), "the key 'window' is missing"),
        (("Asia/Pyongyang", "Asia/Pjöngjang"), "is no IANA zone"),
        (("hour = 7", "hour = 27"), "digest.hour must be 0 to 23"),
        (("2024-06-16T15:00:00Z", "2025-06-16T15:00:00Z"), "window.start must lie before"),
        (("2024-06-16T15:00:00Z", '"June"'), "window.start must be a date"),
        (("end = 2024-06-23T15:00:00Z", 'end = "open"'), "window.end must be a date"),
        (("putin-kim-summit-en.txt", "missing.txt"), "seed document missing.txt is not in"),
        (('name = "Putin', "name = Putin"), "not valid TOML"),
        (("[not]\nen = [", "[not]\nen = [7, "), r"\[not\] must give each language a list of terms"),
        (
            ('[groups.russia]\nen = ["Putin",', '[groups.russia]\nit = 7\nen = ["Putin",'),
            r"\[groups.russia\] must give",
        ),
        (
            ("[not]\n", "[weights]\ntypical = 0.5\n\n[not]\n"),
            r"\[weights\] sets typical, which are the embedding model's",
        ),
        (("[not]\n", "[weights]\nthreshhold = 0.5\n\n[not]\n"), "'weights.threshhold' is no key .* threshold"),
        (("[not]\n", '[weights]\nthreshold = "0.5"\n\n[not]\n'), "weights.threshold must be a number"),
        (("[not]\n", "[weights]\nthreshold = nan\n\n[not]\n"), "weights.threshold must be a number"),
        (("[not]\n", "[weights]\ntogether_full = 0\n\n[not]\n"), "weights.together_full must be above 0"),
        (("[not]\n", "[nots]\n"), "'nots' is no key of a topic file; there is .* not"),
        (("hour = 7", "hour = 7\nhours = 8"), "'digest.hours' is no key"),
        (("hour = 7", "hours = 7"), "the key 'digest.hour' is missing"),
        (("hour = 7", 'hour = "seven"'), "digest.hour must be 0 to 23"),
        (("hour = 7", "hour = 7.5"), "digest.hour must be 0 to 23"),
        (("max_stories = 12", "max_stories = 0"), "digest.max_stories must be 1 to"),
        (('timezone = "Asia/Pyongyang"', "timezone = 9"), "is no IANA zone"),
        (('documents = ["putin-kim-summit-en.txt"]', "documents = []"), "seeds.documents must name at least one text"),
        (('documents = ["putin-kim-summit-en.txt"]', 'documents = "a.txt"'), "seeds.documents must name at least one"),
        (('name = "Putin', 'groups = 3\nname = "Putin'), "not valid TOML"),
        (("[groups.russia]\n", "[groups.russia]\noptional = 1\n"), "groups.russia.optional must be true or false"),
        (
            ("[groups.russia]\nen = [", '[groups.russia]\nenglish = ["Putin"]\nen = ['),
            "'english', which is no language",
        ),
        (("[not]\nen = [", '[not]\nen = ["**", '), r"\[not\] must give each language a list of terms"),
        (("[not]\nen = [", f'[not]\nen = ["{"x" * 201}", '), r"\[not\] has a term of more than 200 characters"),
        (("[not]\nen = [", "[not]\nen = [" + '"x", ' * 20_000), r"\[not\] has 20,0\d\d terms, and 20,000 are the most"),
    ],
)
def test_a_wrong_topic_file_gets_one_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    text = TOPIC.read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "summit.toml"
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message) as caught:
        topics.load(path, DOCUMENTS)
    assert "\n" not in str(caught.value)
    assert "summit.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "message"), [(b" \n", "is empty; write what the topic is about"), (b"\xff\xfe", "is no UTF-8")]
)
def test_a_seed_document_has_to_say_something(tmp_path: Path, raw: bytes, message: str) -> None:
    (tmp_path / "putin-kim-summit-en.txt").write_bytes(raw)
    with pytest.raises(ConfigurationError, match=rf"putin-kim-summit\.toml: .*-en\.txt {message}"):
        topics.load(TOPIC, tmp_path)


@pytest.mark.parametrize("text", ["", "groups = 3", "[groups]\nrussia = 3", "[groups.a]\nen = ['a']\n", "digest = 7"])
def test_half_a_topic_file_gets_one_line_for_people(tmp_path: Path, text: str) -> None:
    path = tmp_path / "half.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(
        ConfigurationError, match=r"^half\.toml: (the key '[a-z.]+' is missing|[a-z.]+ must be a table)"
    ):
        topics.load(path, DOCUMENTS)


def test_no_topic_and_unknown_topic_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no topic file in"):
        topics.load_all(Settings(seeds=tmp_path))
    with pytest.raises(ConfigurationError, match="there is putin-kim-summit"):
        topics.find(Settings(), "moon-landing")
