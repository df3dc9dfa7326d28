"""The review page as its reviewer clicks it, in a real browser on the real Airflow."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline import database, steps
from pipeline.digests import to_page
from pipeline.store import digests, reviews
from pipeline.store.digests import StoredDigest
from tests.support import deskrows, keyboard, real_airflow
from tests.support.real_airflow import RealAirflow

pytestmark = pytest.mark.timeout(600)
DAY = "2024-06-19"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no chromium on this machine; .ci/run installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def tab(browser: Any, real: RealAirflow) -> Iterator[Any]:
    """A browser tab of a logged-in reviewer."""
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.set_default_timeout(30_000)
    log_in(opened, real, real.user, real.password)
    yield opened
    opened.close()


def log_in(tab: Any, real: RealAirflow, user: str, password: str) -> None:
    tab.goto(f"{real.address}/auth/login")
    tab.fill("input[name=username]", user)
    tab.fill("input[name=password]", password)
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"{real.address}/")


@pytest.fixture
def draft(real: RealAirflow) -> Callable[[], StoredDigest]:
    """Makes a new version of the day with its two stories in it."""

    def make() -> StoredDigest:
        with database.connect(real.settings) as connection:
            connection.execute("DELETE FROM review_words")
        now = deskrows.now() + timedelta(hours=1)
        made = steps.draft(real.settings, topic=deskrows.TOPIC, day=DAY, now=now, as_of=now)
        return row(real, made["digest_id"])

    return make


def row(real: RealAirflow, digest_id: int) -> StoredDigest:
    with database.connect(real.settings) as connection:
        found = digests.digest(connection, digest_id)
    assert found is not None
    return found


def review(tab: Any, real: RealAirflow, digest: StoredDigest) -> None:
    tab.goto(f"{real.address}/wirewatch/digests/{digest.id}/review")


def test_a_plain_digest_is_published_by_three_clicks(tab: Any, real: RealAirflow, draft: Any) -> None:
    digest = draft()
    tab.get_by_role("link", name="Digests").first.click()
    tab.locator(f"a[href='/wirewatch/digests/{digest.id}/review']").first.click()
    tab.get_by_role("button", name="Publish").first.click()
    tab.get_by_text("Published by admin").wait_for()
    assert (row(real, digest.id).state, row(real, digest.id).reviewed_by) == ("published", "admin")


def test_what_is_edited_is_previewed_and_published(tab: Any, real: RealAirflow, draft: Any) -> None:
    digest = draft()
    first, second = digest.items
    review(tab, real, digest)
    story = tab.locator(f"#story-{second.story_id}")
    story.get_by_label("On top", exact=True).check()
    story.get_by_text("Headline and summary").click()
    story.get_by_label("Headline").fill("A car <script>document.title = 1</script>")
    story.get_by_label("Summary").fill("He got one.")
    tab.get_by_label("Note").fill("One.\nTwo.")
    tab.get_by_role("button", name="Save and preview").click()
    tab.get_by_text("Saved.").wait_for()
    assert tab.locator(".preview h2").first.inner_text().endswith("A car <script>document.title = 1</script>")
    assert [item.story_id for item in row(real, digest.id).items] == [second.story_id, first.story_id]
    assert tab.get_by_label("Note").input_value() == "One.\nTwo.", "what is typed is kept"
    tab.locator(f"#story-{first.story_id}").get_by_label("In the digest").uncheck()
    tab.get_by_role("button", name="Publish").last.click()
    tab.get_by_text("Published by admin").wait_for()
    done = row(real, digest.id)
    assert [(item.rank, item.headline, item.summary) for item in done.items] == [
        (1, "A car <script>document.title = 1</script>", "He got one.")
    ]
    assert done.note == "One.\nTwo."
    assert [(drop.story_id, drop.actor) for drop in done.drops] == [(first.story_id, "admin")]


def test_a_place_is_changed_and_what_was_left_out_is_pulled_in(tab: Any, real: RealAirflow, draft: Any) -> None:
    digest = draft()
    first, second = digest.items
    review(tab, real, digest)
    tab.locator(f"#story-{first.story_id}").get_by_label("Place").fill("9")
    tab.get_by_role("button", name="Save and preview").click()
    tab.get_by_text("Saved.").wait_for()
    assert [item.story_id for item in row(real, digest.id).items] == [second.story_id, first.story_id]
    tab.locator(f"#story-{first.story_id}").get_by_label("In the digest").uncheck()
    tab.get_by_role("button", name="Save and preview").click()
    tab.get_by_label(f"Pull in: {first.headline}").check()
    tab.get_by_role("button", name="Save and preview").click()
    tab.get_by_text("Saved.").wait_for()
    assert {item.story_id for item in row(real, digest.id).items} == {first.story_id, second.story_id}


def test_holding_keeps_it_and_rejecting_needs_a_reason(tab: Any, real: RealAirflow, draft: Any) -> None:
    digest = draft()
    other = real_airflow.draft(real.settings, "2024-05-01", "Another day")
    review(tab, real, digest)
    tab.get_by_label("Note").fill("Call Seoul first.")
    tab.get_by_role("button", name="Hold").click()
    tab.get_by_text("It goes on waiting").wait_for()
    assert (row(real, digest.id).state, row(real, digest.id).note) == ("draft", "Call Seoul first.")
    tab.get_by_label("Note").fill("")
    tab.get_by_role("button", name="Reject").click()
    tab.get_by_role("alert").get_by_text("say in the note why", exact=False).wait_for()
    assert row(real, digest.id).state == "draft"
    tab.get_by_label("Note").fill("Too thin.")
    tab.get_by_role("button", name="Reject").click()
    tab.get_by_text("Rejected by admin").wait_for()
    assert row(real, digest.id).state == "rejected"
    tab.locator(".next a").click()  # the one that waits next is offered
    tab.wait_for_url(f"{real.address}/wirewatch/digests/{other}/review")


def test_a_page_that_somebody_else_overtook_is_refused_with_the_name(tab: Any, real: RealAirflow, draft: Any) -> None:
    digest = draft()
    review(tab, real, digest)
    steps.refresh(real.settings, digest_id=digest.id, editor="bo", now=deskrows.now())
    tab.get_by_role("button", name="Publish").first.click()
    tab.get_by_role("alert").get_by_text("Bo changed the draft", exact=False).wait_for()
    assert row(real, digest.id).state == "draft"


def test_a_form_from_elsewhere_and_one_of_a_viewer_change_nothing(
    tab: Any, browser: Any, real: RealAirflow, draft: Any
) -> None:
    digest = draft()
    path = f"{real.address}/wirewatch/digests/{digest.id}/review"
    assert httpx.post(path, content="do=publish").status_code == 401
    asked = {"Content-Type": "application/x-www-form-urlencoded"}
    assert tab.request.post(path, data="do=publish&revision=1", headers=asked).status == 403, "without a token"
    review(tab, real, digest)
    token = tab.locator("input[name=token]").input_value()
    stolen = tab.request.post(
        path, data=f"do=publish&revision=1&token={token}", headers=asked | {"Sec-Fetch-Site": "cross-site"}
    )
    assert stolen.status == 403
    passwords = json.loads((real.settings.home / "airflow" / "passwords.json").read_text())
    viewer = browser.new_context().new_page()
    log_in(viewer, real, "vera", passwords["vera"])
    assert viewer.goto(path).status == 403
    assert viewer.request.post(path, data=f"do=publish&revision=1&token={token}", headers=asked).status == 403
    assert row(real, digest.id).state == "draft"
    viewer.context.close()


def test_the_pending_action_and_the_page_lead_to_each_other(tab: Any, real: RealAirflow) -> None:
    digest_id = real_airflow.draft(real.settings, "2024-05-02", "A treaty was signed", "A car was given")
    run_id = real.ask_for(digest_id)
    tab.goto(f"{real.address}/wirewatch/digests/{digest_id}/review")
    tab.get_by_role("link", name="the pending action").click()
    tab.wait_for_url(f"{real.address}/dags/{real_airflow.DAG}/runs/{run_id}/tasks/review/required_actions")
    tab.get_by_text("Stories to leave out").wait_for()
    tab.locator("#element_drop").click()
    tab.get_by_role("option", name="2. A car was given").click()  # chosen by its headline
    tab.get_by_role("button", name="Approve").click()
    real.until(lambda: row(real, digest_id).state == "published", "it was not published")
    assert [item.headline for item in row(real, digest_id).items] == ["A treaty was signed"]


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (1400, "dark"), (390, "light"), (390, "dark")])
def test_from_log_in_to_publication_by_the_keyboard_alone(
    browser: Any, real: RealAirflow, draft: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    """Tab, Enter and Space, and letters where a text is written; each page of ours on the way is looked over."""
    digest = draft()
    first, second = digest.items
    # axe comes into the page as a script, which our policy does not let in
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 900}, has_touch=width == 390
    )
    tab = context.new_page()
    tab.set_default_timeout(30_000)
    tab.goto(f"{real.address}/auth/login")
    keyboard.tab_to(tab, tab.locator("input[name=username]"), ours=False)
    tab.keyboard.type(real.user)
    keyboard.tab_to(tab, tab.locator("input[name=password]"), ours=False)
    tab.keyboard.type(real.password)
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"{real.address}/")
    keyboard.press(tab, tab.get_by_role("link", name="Digests").first, ours=False)
    tab.wait_for_url(f"{real.address}/wirewatch/")
    keyboard.check(tab, width)
    keyboard.press(tab, tab.locator(f"a[href='/wirewatch/digests/{digest.id}/review']").first)
    tab.get_by_role("heading", name="Review:").wait_for()
    keyboard.check(tab, width)
    story = tab.locator(f"#story-{second.story_id}")
    keyboard.press(tab, story.get_by_label("On top", exact=True), "Space")
    keyboard.press(tab, story.get_by_text("Headline and summary"))
    keyboard.tab_to(tab, story.get_by_label("Headline"))  # which marks what stands there
    tab.keyboard.type("A car is given")
    keyboard.tab_to(tab, tab.get_by_label("Note"))
    tab.keyboard.type("Read twice.")
    tab.keyboard.press("Enter")
    tab.keyboard.type("By two.")
    keyboard.press(tab, tab.get_by_role("button", name="Save and preview"))
    tab.get_by_text("Saved.").wait_for()
    keyboard.check(tab, width)
    assert tab.locator(".preview h2").first.inner_text() == "1. A car is given"
    keyboard.press(tab, tab.get_by_role("button", name="Publish").first)
    tab.get_by_text("Published by admin").wait_for()
    keyboard.check(tab, width)
    keyboard.press(tab, tab.get_by_role("link", name="The digest as it stands"))
    tab.get_by_text("Behind this digest").wait_for()
    keyboard.check(tab, width)
    done = row(real, digest.id)
    assert (done.state, done.reviewed_by, done.note) == ("published", "admin", "Read twice.\nBy two.")
    assert [item.headline for item in done.items] == ["A car is given", first.headline]
    page = tmp_path / "published.html"
    page.write_text(to_page(done.title, done.html), encoding="utf-8")
    tab.goto(page.as_uri())
    keyboard.check(tab, width)
    keyboard.tab_to(tab, tab.locator("main a").last)
    context.close()


def test_overruling_binds_and_is_signed(tab: Any, real: RealAirflow, draft: Any) -> None:
    digest = draft()
    treaty, car = (item for item in digest.items)
    assert len(treaty.articles) == 3
    review(tab, real, digest)
    tab.get_by_label("Reason").fill("another visit")
    story = tab.locator(f"#story-{treaty.story_id}")
    story.get_by_text("3 articles").click()
    story.get_by_role("button", name="Move out").last.click()
    tab.get_by_text("has a story of its own").wait_for()
    assert len(row(real, digest.id).items) == 3
    tab.get_by_label("One story").select_option(str(treaty.story_id))
    tab.get_by_label("The same story").select_option(str(car.story_id))
    tab.get_by_role("button", name="Merge these two").click()
    tab.get_by_text("are one from now on").wait_for()
    items = row(real, digest.id).items
    assert len(items) == 2
    off = next(item for item in items if len(item.articles) > 1).articles[-1]
    tab.locator("summary", has_text="articles").first.click()
    tab.get_by_role("button", name=f"Not on topic: {off.title}").click()
    tab.get_by_text("is not of this topic from now on").wait_for()
    assert off.article_id not in {each.article_id for item in row(real, digest.id).items for each in item.articles}
    with database.connect(real.settings) as connection:
        said = connection.execute("SELECT DISTINCT actor FROM overrides").fetchall()
        reasons = connection.execute("SELECT reason FROM overrides").fetchall()
        verdict = connection.execute(
            "SELECT actor, on_topic FROM article_topics WHERE article_id = %s", (off.article_id,)
        ).fetchone()
        assert reviews.asks(connection, digest.id) == []
    assert said == [{"actor": "admin"}]
    assert {"reason": "another visit"} in reasons
    assert verdict == {"actor": "admin", "on_topic": False}
