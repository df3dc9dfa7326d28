"""The verbs under one name, loaded when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline import steps


def test_each_verb_is_where_the_package_says() -> None:
    for name in steps.__all__:
        verb = getattr(steps, name)
        assert callable(verb)
        assert verb.__module__.startswith("pipeline.steps.")
    with pytest.raises(AttributeError, match="'frobnicate'"):
        _ = steps.frobnicate


def test_a_command_line_loads_nothing_heavy_before_it_knows_what_is_asked() -> None:
    heavy = {"torch", "scipy", "sklearn", "trafilatura", "airflow"}
    code = f"import sys, pipeline.cli; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
