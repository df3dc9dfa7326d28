"""What robots.txt permits, for whom, how fast, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.web import robots

T = datetime(2024, 6, 18, tzinfo=UTC)
AGENT = "wirewatch"


def rules(text: str, status: int = 200) -> robots.RobotsFile:
    return robots.answer(status, text.encode(), T)


def test_groups_and_longest_match() -> None:
    file = rules(
        "User-agent: *\nDisallow: /a/\nAllow: /a/open\nDisallow: /*.pdf$\n\nUser-agent: Wirewatch\nDisallow: /b/"
    )
    assert robots.allowed(file, "https://o.example/a/x", AGENT)
    assert not robots.allowed(file, "https://o.example/b/x", AGENT)
    assert not robots.allowed(file, "https://o.example/a/x", "other")
    assert robots.allowed(file, "https://o.example/a/open/1", "other")
    assert not robots.allowed(file, "https://o.example/x.pdf", "other")


@pytest.mark.parametrize("text", ["", "\ufeffUser-agent: *\nDisallow:", "<html>no</html>", "Disallow: /", "\x00\xff"])
def test_nothing_usable_allows(text: str) -> None:
    assert robots.allowed(rules(text), "https://o.example/x", AGENT)


@pytest.mark.timeout(20)
def test_a_file_of_many_robots_and_many_rules_costs_one_robots_time() -> None:
    named = "".join(f"User-agent: robot{number}\n" for number in range(12_000))
    written = named + "User-agent: wirewatch\n" + "".join(f"Disallow: /{number}\n" for number in range(12_000))
    file = rules(written + "User-agent: other\nDisallow: /open\n")
    assert not robots.allowed(file, "https://o.example/11999", AGENT)
    assert robots.allowed(file, "https://o.example/open", AGENT)


def test_what_is_kept_of_it_holds_no_control_characters() -> None:
    file = rules("User-agent: *\0\nDis\0allow: /a\x1b\n")
    assert file.text == "User-agent: *\nDisallow: /a\n"
    assert not robots.allowed(file, "https://o.example/a", AGENT)


def test_byte_order_mark_hides_no_rule() -> None:
    assert not robots.allowed(rules("\ufeffUser-agent: *\nDisallow: /"), "https://o.example/x", AGENT)


@pytest.mark.parametrize(
    ("status", "allowed", "hours"),
    [(404, True, 24), (401, True, 24), (429, False, 1), (500, False, 1), (503, False, 1)],
)
def test_status_without_rules(status: int, allowed: bool, hours: int) -> None:
    file = rules("User-agent: *\nDisallow: /", status)
    assert robots.allowed(file, "https://o.example/x", AGENT) is allowed
    assert file.expires == T + timedelta(hours=hours) and file.text == ""


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 5", 5.0),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\nRequest-rate: 1/10", 10.0),
        ("User-agent: *\nCrawl-delay: 86400", robots.MAX_CRAWL_DELAY),
        ("User-agent: *\nCrawl-delay: soon", 0.0),
        ("User-agent: *\nCrawl-delay: -3", 0.0),
        ("User-agent: other\nCrawl-delay: 5", 0.0),
        ("", 0.0),
    ],
)
def test_crawl_delay(text: str, delay: float) -> None:
    assert robots.crawl_delay(rules(text), AGENT) == delay


def test_only_so_much_is_read() -> None:
    file = rules("# " + "x" * robots.MAX_BYTES + "\nUser-agent: *\nDisallow: /")
    assert robots.allowed(file, "https://o.example/x", AGENT)


def test_product_token() -> None:
    assert robots.product_token("wirewatch/0.1 (+https://w.example/bot)") == "wirewatch"
    assert robots.product_token("Desk Bot") == "Desk"


def test_an_answer_of_the_future_is_asked_for_again() -> None:
    """A clock that stood at 2036 for a moment wrote it; else the file of that moment would hold for years."""
    assert robots.holds(rules(""), T + timedelta(hours=1))
    assert not robots.holds(rules(""), T + timedelta(days=30))
    assert not robots.holds(rules(""), T - timedelta(days=3650))


@pytest.mark.parametrize(
    "name",
    ["wirewatch", "Wirewatch", "wirewatch/0.1", "WIREWATCH/1.0", "wirewatch 0.1", "wirewatch*", "wirewatch/*",
     "wirewatch (+https://o.example/bots)", "otherbot, wirewatch", "wirewatch/2.0, otherbot", "wirewatch # the monitor",
     "Mozilla/5.0 (compatible; Wirewatch/1.0; +https://o.example)", '"wirewatch"'],
)  # fmt: skip
def test_our_name_is_ours_whatever_stands_behind_it(name: str) -> None:
    assert not robots.allowed(rules(f"User-agent: {name}\nDisallow: /"), "https://o.example/a", AGENT)
    assert robots.allowed(
        rules(f"User-agent: {name}\nAllow: /\nUser-agent: *\nDisallow: /"), "https://o.example/a", AGENT
    )
    assert robots.crawl_delay(rules(f"User-agent: {name}\nCrawl-delay: 7"), AGENT) == 7.0


@pytest.mark.parametrize(
    "name",
    ["wire", "w", "wirewatch-news", "wirewatcher", "wirewatch2", "mywirewatch", "wire*", "watch", "wirewatch_beta",
     "wirewatch.org", "Mozilla/5.0 (compatible; Otherbot/1.0; wirewatch)", "other/wirewatch", "-", ""],
)  # fmt: skip
def test_the_name_of_another_robot_is_not_ours(name: str) -> None:
    assert robots.allowed(rules(f"User-agent: {name}\nDisallow: /"), "https://o.example/a", AGENT)
    file = rules(f"User-agent: {name}\nAllow: /\nUser-agent: *\nDisallow: /")
    assert not robots.allowed(file, "https://o.example/a", AGENT)


def test_two_groups_of_ours_are_one() -> None:
    file = rules("User-agent: wirewatch\nDisallow: /a\n\nUser-agent: other\n\nUser-agent: Wirewatch/1.0\nDisallow: /b")
    assert [robots.allowed(file, f"https://o.example/{path}", AGENT) for path in "abc"] == [False, False, True]


def test_our_own_group_counts_and_not_everybodys() -> None:
    file = rules("User-agent: *\nAllow: /\nUser-agent: Wirewatch/1.0\nDisallow: /news/")
    assert not robots.allowed(file, "https://o.example/news/1", AGENT)
    assert robots.allowed(file, "https://o.example/news/1", "other")


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n\r", "\n"])
def test_line_ends_of_all_kinds(end: str) -> None:
    file = rules(end.join(("User-agent: wirewatch", "Disallow: /a", "", "User-agent: *", "Disallow: /b")))
    assert [robots.allowed(file, f"https://o.example/{path}", AGENT) for path in "ab"] == [False, True]
    assert [robots.allowed(file, f"https://o.example/{path}", "other") for path in "ab"] == [True, False]
