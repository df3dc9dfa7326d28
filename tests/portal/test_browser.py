"""The page as a person finds it: in Airflow's navigation, in a real browser."""

from __future__ import annotations

from typing import Any


def test_from_the_navigation_to_a_digest(page: Any, portal: dict[str, Any]) -> None:
    page.get_by_role("link", name="Digests").first.click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", name="Digests").wait_for()
    assert frame.locator("tbody tr").count() == 2
    frame.get_by_role("link", name="2024-06-18").click()
    frame.get_by_role("heading", name="Putin–Kim summit in Pyongyang").wait_for()
    assert frame.locator("article.story").count() == 2
    link = frame.get_by_role("link", name="Putin lands in Pyongyang", exact=True)
    assert link.get_attribute("href") == "https://harbourpost.example/1"
    assert link.get_attribute("target") == "_blank"
    assert frame.get_by_text("Click me").first.evaluate("node => node.closest('a')") is None


def test_nothing_from_a_feed_runs_and_the_style_sheet_applies(page: Any, portal: dict[str, Any]) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{portal['server'].address}/wirewatch/digests/{portal['ids']['2024-06-18']}")
    assert page.title().endswith("2024-06-18"), "the script in a headline did not run"
    assert page.locator("article.story").first.evaluate("node => getComputedStyle(node).display") == "grid"
    assert said == []


def test_it_follows_a_dark_screen(page: Any, portal: dict[str, Any]) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{portal['server'].address}/wirewatch/")
        grounds.append(page.locator("body").evaluate("node => getComputedStyle(node).backgroundColor"))
    assert grounds == ["rgb(255, 255, 255)", "rgb(24, 24, 27)"]
