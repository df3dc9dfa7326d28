"""A lead that extraction left out is put back; what is only like one is not."""

from __future__ import annotations

from trafilatura.utils import load_html

from pipeline.extraction import facts as page_facts
from pipeline.extraction import leads as page_leads

LEAD = "The two leaders signed a treaty of mutual defence in Pyongyang. It is the first of its kind since the Cold War."
TEXT = "They met for two hours. Afterwards they drove through the city, where people stood along the streets."


def with_lead(body: str, description: str = "", text: str = TEXT) -> str:
    head = f'<meta name="description" content="{description}">' if description else ""
    tree = load_html(f"<html><head>{head}</head><body>{body}</body></html>")
    return page_leads.with_lead(text, tree, page_facts.read(tree), "Summit")


def page(lead: str, after: str = "") -> str:
    return f"<header><a href='/'>Courier</a></header><h1>Summit</h1>{lead}<p>{TEXT}</p>{after}"


def test_the_description_tells_the_lead() -> None:
    cut_off = LEAD[:80] + "…"
    assert with_lead(page(f"<div class='teaser'>{LEAD}</div>"), cut_off) == f"{LEAD}\n{TEXT}"
    assert with_lead(page(f"<p><strong>{LEAD}</strong></p>"), LEAD) == f"{LEAD}\n{TEXT}"


def test_a_lead_stands_below_the_headline_where_the_text_begins_with_it() -> None:
    for top in ("Summit", "World\nSummit"):
        assert with_lead(page(f"<p class='lead'>{LEAD}</p>"), LEAD, f"{top}\n{TEXT}") == f"{top}\n{LEAD}\n{TEXT}"


def test_what_is_no_lead_of_this_article_stays_out() -> None:
    assert with_lead(page(f"<p class='note'>{LEAD}</p>")) == TEXT
    assert with_lead(page("", f"<p class='teaser'>{LEAD}</p>")) == TEXT  # below the text: another article's
    assert with_lead(page("", f"<footer><p>{LEAD}</p></footer>"), LEAD) == TEXT
    assert with_lead(f"<p>{LEAD}</p>" + page(""), LEAD) == TEXT  # above the headline: the site's motto
    assert with_lead(page(""), LEAD) == TEXT  # stated, but not shown


def test_a_lead_that_the_text_holds_is_not_repeated() -> None:
    text = f"{LEAD} {TEXT}"
    assert with_lead(page(f"<p class='lead'>{LEAD}</p>"), LEAD, text) == text


def test_a_lead_never_hides_an_agencys_dateline() -> None:
    wire = f"PYONGYANG, June 19 (Reuters) - {5 * TEXT}"
    assert with_lead(page(f"<p class='lead'>{LEAD}</p>"), LEAD, wire) == f"{LEAD}\n{wire}"  # both near the beginning
    assert with_lead(page(f"<p class='lead'>{3 * LEAD}</p>"), LEAD, wire) == wire
