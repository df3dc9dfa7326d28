"""The rules for Prometheus and the dashboard for Grafana name only what /metrics gives, and Prometheus takes them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.settings import Settings
from pipeline.steps import metering
from tests.support.project import REPOSITORY

RULES: dict[str, Any] = yaml.safe_load((REPOSITORY / "deploy" / "prometheus-rules.yml").read_text(encoding="utf-8"))
DASHBOARD: dict[str, Any] = json.loads((REPOSITORY / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8"))
KNOWN = {metering.PREFIX + name: label for name, (label, _) in metering.FAMILIES.items()}


def rules() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_each_expression_names_families_and_labels_that_there_are(expression: str) -> None:
    named = set(re.findall(r"\bwirewatch_\w+", expression))
    assert named or "up{" in expression
    assert named <= KNOWN.keys()
    for family, selected in re.findall(r"\b(wirewatch_\w+)\{(\w+)", expression):
        assert KNOWN[family] == selected


def test_each_legend_and_summary_names_a_label_of_its_families() -> None:
    shown = [
        (target["expr"], label)
        for panel in DASHBOARD["panels"]
        for target in panel["targets"]
        for label in re.findall(r"{{(\w+)}}", target["legendFormat"])
    ]
    shown += [
        (rule["expr"], label) for rule in rules() for label in re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))
    ]
    assert len(shown) > 10
    for expression, label in shown:
        assert label in {KNOWN[family] for family in re.findall(r"\bwirewatch_\w+", expression)}, expression


def test_each_family_is_named_as_prometheus_asks() -> None:
    """https://prometheus.io/docs/practices/naming: base units at the end, no ``_total`` on what is no counter."""
    for name, (label, says) in metering.FAMILIES.items():
        assert re.fullmatch(r"[a-z][a-z_]*[a-z]", name)
        assert says.endswith(".")
        assert not name.endswith(("_total", "_count", "_sum", "_bucket"))
        assert not re.search("minutes|hours|days|megabytes|_kb|percent", name)
        assert label == "" or re.fullmatch(r"[a-z][a-z_]*", label)


def test_the_thresholds_are_the_defaults_of_the_settings() -> None:
    said = {rule["alert"]: rule["expr"] for rule in rules()}
    defaults = Settings()
    assert said["WirewatchNothingNew"].endswith(f"> {defaults.alert_dry_hours * 3600:.0f}")
    assert said["WirewatchFeedsFail"].endswith(f"> {defaults.alert_failing_share:g}")
    assert f"> {defaults.alert_queue_hours * 3600:.0f} " in said["WirewatchQueueGrows"]
    assert said["WirewatchDiskFills"].endswith(f"< {defaults.alert_disk_share:g}")
    assert said["WirewatchReviewLapses"].endswith(f"< {defaults.alert_review_hours * 3600:.0f}")


def test_the_panels_lie_beside_each_other_and_each_has_its_number() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert DASHBOARD["templating"]["list"][0]["type"] == "datasource", "no address of ours stands in it"


def test_prometheus_itself_takes_rules_and_every_expression(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool is installed here; it comes with Prometheus")
    recorded = [
        {"record": f"panel:{number}", "expr": expression}
        for number, expression in enumerate(sorted(set(expressions())))
    ]
    panels = tmp_path / "panels.yml"
    panels.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    for path in (REPOSITORY / "deploy" / "prometheus-rules.yml", panels):
        done = subprocess.run([promtool, "check", "rules", str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_systemd_starts_is_the_command_that_there_is() -> None:
    unit = (REPOSITORY / "deploy" / "wirewatch-watch.service").read_text(encoding="utf-8")
    [line] = re.findall(r"^ExecStart=\S+/wirewatch (.*)$", unit, re.MULTILINE)
    assert line.split() == ["doctor", "--alert", "--json"]
    timer = (REPOSITORY / "deploy" / "wirewatch-watch.timer").read_text(encoding="utf-8")
    assert "OnUnitActiveSec=5min" in timer
