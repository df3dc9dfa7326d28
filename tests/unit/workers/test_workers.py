"""What a stranger's document does to the process that reads it ends as that document's outcome, and nothing else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import InfrastructureError, InternalError, ItemError
from pipeline.workers import Workers
from tests.support.tasks import JOB, Task


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "tries"


def outcomes(log: Path, *tasks: str, processes: int = 1, seconds: float = 20.0) -> list[str | ItemError]:
    with Workers(JOB, processes, seconds) as workers:
        return [result for _, result in workers.results(Task(what, log) for what in tasks)]


def reason(result: str | ItemError) -> str:
    return result.reason if isinstance(result, ItemError) else result


def test_a_task_that_uses_up_its_processor_time_is_tried_once_and_the_next_is_done(log: Path) -> None:
    spun, done = outcomes(log, "spin", "well", seconds=0.5)
    assert (reason(spun), done) == ("timeout-test", "well")
    assert isinstance(spun, ItemError)
    assert spun.url == "https://outlet.example/spin"
    assert Task("spin", log).tries() == ["begin spin", "begin well", "end well"]


def test_time_that_the_processor_spent_elsewhere_is_not_counted(log: Path) -> None:
    assert outcomes(log, "slowly", seconds=1.0) == ["slowly"]


def test_a_task_that_never_answers_ends_though_it_uses_no_processor(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.workers._SPARE", 0.5)
    slept, done = outcomes(log, "sleep", "well", seconds=0.2)
    assert (reason(slept), done) == ("worker-lost", "well")


def test_a_task_over_its_memory_is_tried_in_another_process_before_it_is_blamed(log: Path) -> None:
    swollen, done = outcomes(log, "swell", "well")
    assert (reason(swollen), done) == ("too-large-test", "well")
    assert Task("swell", log).tries().count("begin swell") == 2


def test_a_task_whose_worker_was_killed_is_tried_once_more_while_no_other_runs(log: Path) -> None:
    assert outcomes(log, "die once", "slowly", "well", processes=2) == ["die once", "slowly", "well"]
    lines = Task("", log).tries()
    again = len(lines) - 1 - lines[::-1].index("begin die once")
    assert again > lines.index("end slowly")
    assert reason(outcomes(log, "die")[0]) == "worker-lost"
    assert Task("", log).tries().count("begin die") == 2


def test_a_fault_of_ours_is_that_tasks_and_one_of_the_disk_is_nobodys(log: Path) -> None:
    stumbled, done = outcomes(log, "stumble", "well")
    assert isinstance(stumbled, InternalError)
    assert (stumbled.fault.name, stumbled.fault.place.split(":")[0]) == ("AttributeError", "workers.py")
    assert done == "well"
    with pytest.raises(InfrastructureError, match="No space left on device"):
        outcomes(log, "full disk")
