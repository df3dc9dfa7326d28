"""A host that lets requests run out of time is left alone for a while, and one batch ends by its own clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pipeline import web
from pipeline.errors import ItemError
from pipeline.models import Response
from pipeline.settings import Settings
from pipeline.web.breakers import PATIENCE, REST, Breakers
from tests.support.hosts import Hosts, article

SETTINGS = Settings(allow_hosts="127.0.0.0/8", host_interval=0.0, read_timeout=0.5, total_timeout=30.0)
Outcome = tuple[str, str]


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    with Hosts(3) as found:
        yield found


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def reason(breakers: Breakers, host: str) -> str | None:
    try:
        breakers.demand(host)
    except ItemError as error:
        return error.reason
    return None


def gathered(settings: Settings, addresses: list[str], seconds: float | None = None) -> list[Outcome]:
    """(address, reason or ``ok``) in order of arrival."""
    found: list[Outcome] = []

    def note(request: web.Request, result: Response | ItemError) -> None:
        found.append((request.url, result.reason if isinstance(result, ItemError) else "ok"))

    with web.Client(settings) as client:
        client.gather([web.Request(address) for address in addresses], note, seconds=seconds)
    return found


def test_a_host_rests_after_requests_in_a_row_that_ran_out_of_time_and_is_then_tried_by_one() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    late = ItemError("timeout-read")
    for _ in range(PATIENCE):
        assert reason(breakers, "slow.example") is None
        breakers.failed("slow.example", late, 20.0)
    assert reason(breakers, "slow.example") == "unresponsive"
    assert reason(breakers, "other.example") is None
    clock.now += REST
    assert reason(breakers, "slow.example") is None
    breakers.failed("slow.example", late, 20.0)
    assert reason(breakers, "slow.example") == "unresponsive"
    clock.now += REST
    breakers.answered("slow.example")
    breakers.failed("slow.example", late, 20.0)
    assert reason(breakers, "slow.example") is None


@pytest.mark.parametrize(("said", "seconds", "rests"), [("dns", 10.0, True), ("dns", 0.1, False), ("tls", 9.0, False)])
def test_what_fails_at_once_is_no_matter_of_patience(said: str, seconds: float, rests: bool) -> None:
    breakers = Breakers(Clock())
    for _ in range(PATIENCE):
        breakers.failed("odd.example", ItemError(said), seconds)
    assert (reason(breakers, "odd.example") == "unresponsive") is rests


def test_only_the_first_pages_of_a_host_that_hangs_are_waited_for(hosts: Hosts) -> None:
    slow = [hosts.serve(f"/{n}", hosts.wait, host="127.0.0.2") for n in range(6)]
    good = [hosts.serve(f"/{n}", article("Putin and Kim"), host="127.0.0.1") for n in range(3)]
    hosts.serve("/robots.txt", b"User-agent: *\nAllow: /\n", "text/plain", host="127.0.0.2")
    found = gathered(SETTINGS, slow + good)
    assert [each for each in found if each[0] in good] == found[:3], "the good ones came before any slow one"
    assert [each[1] for each in found[3:]] == PATIENCE * ["timeout-read"] + 4 * ["unresponsive"]
    assert [each for each in hosts.asked if each == ("127.0.0.2", "/5")] == []


def test_a_host_whose_robots_txt_hangs_is_waited_for_no_longer_than_another(hosts: Hosts) -> None:
    hosts.serve("/robots.txt", hosts.wait, "text/plain", host="127.0.0.3")
    slow = [hosts.serve(f"/{n}", article("Putin"), host="127.0.0.3") for n in range(5)]
    found = gathered(SETTINGS, slow)
    assert [each[1] for each in found] == PATIENCE * ["timeout-read"] + 3 * ["unresponsive"]
    assert len(hosts.asked) == PATIENCE


def test_what_is_not_over_when_the_time_is_comes_back_as_not_reached(hosts: Hosts) -> None:
    patient = replace(SETTINGS, read_timeout=30.0)
    slow = [hosts.serve(f"/{n}", hosts.wait, host="127.0.0.2") for n in range(4)]
    hosts.serve("/robots.txt", b"User-agent: *\nAllow: /\n", "text/plain", host="127.0.0.2")
    began = time.monotonic()
    found = gathered(patient, slow, seconds=1.0)
    assert found == [(address, "not-reached") for address in slow]
    assert time.monotonic() - began < 20.0
