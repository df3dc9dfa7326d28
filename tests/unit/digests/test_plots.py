"""Plots: what they count, that they stand in any page, and that they are seen in light and dark."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from pipeline import digests
from pipeline.digests import plots
from pipeline.digests.bars import COLOURS, drawn
from tests.support.digest_cases import DAY, article, sample, story, summit

SEOUL = ZoneInfo("Asia/Seoul")
FIRST = date(2024, 6, 19)
POINTS = [
    (datetime(2024, 6, 18, 15, 30, tzinfo=UTC) + timedelta(hours=n // 3), "KR" if n % 3 else "US") for n in range(30)
]


@pytest.fixture(scope="module")
def body() -> str:
    digest, topic = sample()
    return digests.to_body(digest, topic)


def luminance(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ground", ["#ffffff", "#16181b", "#18181b"])
@pytest.mark.parametrize("colour", COLOURS)
def test_fills_stand_out_from_light_and_dark(colour: str, ground: str) -> None:
    light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


@pytest.mark.parametrize(
    "svg",
    [plots.volume(POINTS, SEOUL, FIRST), plots.timeline([("1.", [at for at, _ in POINTS])], SEOUL, FIRST)],
    ids=["volume", "timeline"],
)
def test_a_plot_is_an_image_with_a_name_and_without_styles(svg: str) -> None:
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert "style" not in svg
    assert "script" not in svg
    assert "#010203" not in svg
    assert "currentColor" in svg
    assert {label for label in ("00:00", "12:00", "24:00") if label in svg} == {"00:00", "12:00"}, "a day ends at 00:00"


def test_the_same_data_give_the_same_plot() -> None:
    first = plots.volume(POINTS, SEOUL, FIRST)
    assert plots.volume(list(POINTS), SEOUL, FIRST) is first, "it is drawn once"
    plots._volume.cache_clear()
    assert plots.volume(POINTS, SEOUL, FIRST) == first, "and would be the same drawn again"
    assert plots.volume(POINTS[1:], SEOUL, FIRST) != first


def test_bars_are_as_many_as_hours_with_articles_and_keys() -> None:
    svg = plots.volume(POINTS, SEOUL, FIRST)
    filled = re.findall(r'<path [^>]*clip-path[^>]*fill="(#\w+)"', svg)
    assert {colour: filled.count(colour) for colour in COLOURS[:2]} == {COLOURS[0]: 10, COLOURS[1]: 10}


def test_the_sixth_country_and_those_after_it_are_one() -> None:
    points = [(POINTS[0][0], name) for n, name in enumerate("ABCDEFGH", 1) for _ in range(10 - n)]
    svg = plots.volume(points, SEOUL, FIRST)
    shown = re.findall(r"<text[^>]*>([A-H]|other)</text>", svg)
    assert shown == ["A", "B", "C", "D", "E", "other"]


def test_a_name_is_no_formula_and_no_markup() -> None:
    svg = plots.volume([(POINTS[0][0], "$\\frac{1}{0}$ <script>")], SEOUL, FIRST)
    assert "&lt;script&gt;" in svg
    assert "\\frac" in svg


def test_words_stand_beside_the_plots(body: str) -> None:
    section = body.partition('<section class="d-plot">')[2]
    assert section.count("<svg") == 3
    assert "Hours are of Asia/Pyongyang. 1 article of which only the day is known is not in the plots." in section
    assert "8 articles by country and hour; the busiest hour began at 21:00 with 8." in section
    assert "<tr><th>United Kingdom</th><td>3</td></tr>" in section


def test_ids_of_two_plots_do_not_clash(body: str) -> None:
    ids = re.findall(r' id="([^"]+)"', body)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', body))
    assert used <= set(ids)
    repeated = {each for each in ids if ids.count(each) > 1}
    bodies = {each: set(re.findall(rf'<(\w+) id="{each}"[^>]*>(.*?)</', body, re.DOTALL)) for each in repeated}
    assert all(len(found) == 1 for found in bodies.values()), "an id that two plots share means the same in both"


def test_a_day_without_a_known_hour_has_no_plots() -> None:
    bare = article(1, "a", published=datetime(2024, 6, 19, tzinfo=UTC))
    digest = digests.draft(summit(), DAY, [story(1, bare)])
    assert "<svg" not in digests.to_body(digest, summit())


def test_a_plot_of_several_days_begins_and_ends_with_them() -> None:
    first, last = datetime(2024, 6, 17, 16, tzinfo=UTC), datetime(2024, 6, 20, 14, tzinfo=UTC)
    assert plots.hours_of(first, last, SEOUL) == (date(2024, 6, 18), 3)
    svg = plots.volume([(first, "KR"), (last, "US")], SEOUL, date(2024, 6, 18), 3)
    assert re.findall(r">(\d\d Jun)<", svg) == ["18 Jun", "19 Jun", "20 Jun"]


def test_a_bar_is_parted_by_its_counts() -> None:
    widths = [float(width) for width in re.findall(r'<rect x="[\d.]+" width="([\d.]+)"', drawn([3, 1]))]
    assert widths == [119.0, 39.0]
