"""The pages as a person finds them: from Airflow's navigation on, in a real browser, by mouse, by keyboard and axe."""

from __future__ import annotations

from typing import Any

import pytest

WIDTHS = (1400, 420, 390)


def paths(portal: dict[str, Any]) -> list[str]:
    """Every page, with those that a stranger wrote on."""
    digest = portal["ids"]["2024-06-18"]
    return [
        "/", f"/digests/{digest}", "/stories/1", "/stories/3", "/articles/1", "/articles/2", "/articles/2/copy",
        "/topics", "/topics/putin-kim-summit", "/search", "/search?q=%3Cscript%3E&by=words",
        "/feeds", "/quarantine", "/alarms", "/waiting", "/stories/999999",
    ]  # fmt: skip


def test_from_the_navigation_to_an_article_and_to_required_actions(page: Any, portal: dict[str, Any]) -> None:
    """Each link is clicked: Airflow's frame for plugins let none of them work, and no attribute showed it."""
    address = portal["server"].address
    page.context.route("https://harbourpost.example/**", lambda route: route.fulfill(body="the outlet's own page"))
    page.get_by_role("link", name="Digests").first.click()
    page.wait_for_url(f"{address}/wirewatch/")
    page.get_by_role("heading", name="Digests").wait_for()
    assert page.locator("tbody tr").count() == 2
    page.get_by_role("link", name="2024-06-18").click()
    page.get_by_role("heading", name="Putin–Kim summit in Pyongyang").wait_for()
    assert page.locator("article.d-story").count() == 2
    page.locator(".d-page").get_by_role("link", name="Putin lands in Pyongyang", exact=True).click()
    page.get_by_text("the outlet's own page").wait_for()
    page.go_back()
    assert page.locator(".d-page").get_by_text("Click me").first.evaluate("node => node.closest('a')") is None
    page.locator(".behind").get_by_role("link", name="Putin lands").first.click()
    page.get_by_role("heading", name="Putin lands").wait_for()
    page.get_by_role("link", name="Putin lands", exact=True).click()
    page.get_by_text("The plane came down at two.").first.wait_for()
    page.get_by_role("link", name="Required Actions").click()
    page.wait_for_url(f"{address}/required_actions**")
    page.get_by_role("link", name="Digests").first.wait_for()  # Airflow's own navigation


def test_back_leads_to_where_the_reader_came_from(page: Any, portal: dict[str, Any]) -> None:
    address = portal["server"].address
    page.get_by_role("link", name="Digests").first.click()
    page.wait_for_url(f"{address}/wirewatch/")
    page.go_back()
    page.wait_for_url(f"{address}/")


def test_a_stranger_logs_in_and_comes_back_to_the_page(chromium: str, portal: dict[str, Any]) -> None:
    from playwright.sync_api import sync_playwright

    server = portal["server"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.set_default_timeout(90_000)
        tab.goto(f"{server.address}/wirewatch/stories/1")
        tab.fill("input[name=username]", server.user)
        tab.fill("input[name=password]", server.password)
        tab.keyboard.press("Enter")
        tab.wait_for_url(f"{server.address}/wirewatch/stories/1")
        tab.get_by_role("heading", name="Putin lands").wait_for()
        browser.close()


def test_nothing_from_a_feed_runs_and_the_style_sheet_applies(page: Any, portal: dict[str, Any]) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for path in paths(portal)[:-1]:
        page.goto(f"{portal['server'].address}/wirewatch{path}")
        assert page.title().endswith("· Wirewatch"), f"a script ran on {path}"
        assert page.locator("header.top").evaluate("node => getComputedStyle(node).display") == "flex"
        assert page.locator("a[href^='javascript:' i], a[href^='data:' i], script, img").count() == 0, path
    assert said == []


def test_it_follows_a_dark_screen(page: Any, portal: dict[str, Any]) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{portal['server'].address}/wirewatch/")
        grounds.append(page.locator("body").evaluate("node => getComputedStyle(node).backgroundColor"))
    assert grounds == ["rgb(255, 255, 255)", "rgb(24, 24, 27)"]


def test_no_page_scrolls_sideways(page: Any, portal: dict[str, Any]) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        for path in paths(portal):
            page.goto(f"{portal['server'].address}/wirewatch{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} at {width}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Any, portal: dict[str, Any], scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # axe comes into the page as a script, which our policy does not let in
    context = page.context.browser.new_context(
        bypass_csp=True, color_scheme=scheme, storage_state=page.context.storage_state()
    )
    tab = context.new_page()
    for width in (1400, 390):
        tab.set_viewport_size({"width": width, "height": 844})
        for path in paths(portal):
            tab.goto(f"{portal['server'].address}/wirewatch{path}")
            found = Axe().run(tab).response["violations"]
            assert [(each["id"], each["nodes"][0]["target"]) for each in found] == [], f"{path} at {width}"
    context.close()


def test_every_link_is_reached_by_the_keyboard_with_a_visible_focus(page: Any, portal: dict[str, Any]) -> None:
    for path in paths(portal):
        page.goto(f"{portal['server'].address}/wirewatch{path}")
        page.locator("details:not([open]) > summary").evaluate_all("nodes => nodes.forEach(node => node.click())")
        wanted = page.locator("a[href], button, input:not([type=hidden]), select, summary, textarea").count()
        focused = set()
        inner = 4 * page.locator("input[type=date]").count()  # each has its day, month, year and calendar
        for _ in range(wanted + inner):
            page.keyboard.press("Tab")
            focused.add(
                page.evaluate(
                    "[[...document.querySelectorAll('*')].indexOf(document.activeElement),"
                    " getComputedStyle(document.activeElement).outlineStyle].join()"
                )
            )
        seen = {each.removesuffix(",solid") for each in focused if each.endswith(",solid")}
        assert len(seen) >= wanted, f"{path}: {len(seen)} of {wanted} are reached and seen"
