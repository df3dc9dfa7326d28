"""Make the recorded web: the WARC files beside this file, and the labels that tests read.

    python seeds/recorded/build.py             write them, and feeds.opml, anew (the same bytes while the texts are the same)
    python seeds/recorded/build.py --partial   leave out the slots whose texts are not written yet
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

from pipeline.feeds import opml  # noqa: E402
from pipeline.models import FeedSource  # noqa: E402
from recording import captures, slots, timeline  # noqa: E402

LABELS = HERE.parent.parent / "tests" / "data" / "recorded-labels.jsonl"


def labels(made: Sequence[timeline.Page], told: Sequence[slots.Slot]) -> str:
    """One JSON line per slot: what a test may know of a page and the pipeline must find out."""
    urls = {version.slot.id: page.url for page in made for version in page.versions}
    first = {version.slot.id: page.published for page in made for version in page.versions if version.slot is page.slot}
    lines = []
    for slot in told:
        row = {
            "url": urls[slot.id], "outlet": slot.outlet, "language": slot.lang, "story": slot.story,
            "on_topic": slot.on_topic, "hard_negative": slot.hard_negative,
            "copy_of": urls[slot.origin] if slot.origin else None, "kind": slot.kind,
            "published": f"{first.get(slot.id, slot.published):%Y-%m-%dT%H:%M:%SZ}",
        }
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)


def feed_list(outlets: Sequence[slots.Outlet]) -> str:
    """The recorded outlets' feeds as OPML, which `make run` polls."""
    return opml.write(
        (
            FeedSource(
                url=outlet.feed_url, title=outlet.name, outlet=outlet.name, home_url=outlet.home + "/",
                country=outlet.country, language=outlet.language, ownership=outlet.ownership,
            )
            for outlet in outlets
        ),
        "Invented outlets of Wirewatch's recorded web",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Make the recorded web of the demonstration.")
    parser.add_argument("--partial", action="store_true", help="leave out slots whose texts are missing")
    parser.add_argument("--out", type=Path, default=HERE, help="folder for the WARC files (default: beside this file)")
    parser.add_argument("--labels", type=Path, default=LABELS, help="file for the labels")
    options = parser.parse_args(arguments)
    try:
        outlets = slots.read_outlets(HERE)
        told = slots.read_slots(HERE, partial=options.partial)
        made = timeline.pages(told, outlets)
        seen = captures.record(outlets, made)
    except slots.RecordedError as error:
        print(error, file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    options.labels.parent.mkdir(parents=True, exist_ok=True)
    paths = captures.write(seen, options.out)
    options.labels.write_text(labels(made, told), "utf-8")
    (options.out / "feeds.opml").write_text(feed_list(list(outlets.values())), "utf-8")
    size = sum(path.stat().st_size for path in paths)
    print(f"{len(told)} slots, {len(made)} pages, {len(seen)} captures, {len(paths)} WARC files, {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
