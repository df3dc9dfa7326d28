"""What Airflow's form shows and takes: the digest's text, a note, and its stories by their headlines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.sdk import Param

from pipeline import edits
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.steps.reviewing import Sheet

NOTE = 2000
"""Characters of the note that the form takes; the review page takes more."""


def digest_dag(topic: str) -> str:
    """The id of the DAG that drafts a topic's digests, by the topic's slug."""
    return f"digest__{topic.replace('-', '_')}"


def address(settings: Settings) -> str:
    """The UI as its readers see it; where nobody said, where Airflow itself listens."""
    return (settings.public_url or conf.get("api", "base_url", fallback="http://localhost:8080")).rstrip("/")


def action_path(dag_id: str, run_id: str) -> str:
    """Where the pending action of a run is answered, below the UI's address."""
    return f"/dags/{dag_id}/runs/{run_id}/tasks/review/required_actions"


def form(choices: Mapping[int, str]) -> dict[str, Any]:
    """The fields of the form. Airflow draws an array with `examples` as a list to choose from."""
    return {
        "note": Param(
            "",
            type=["null", "string"],
            format="multiline",
            maxLength=NOTE,
            title="Editor's note",
            description="Stands at the top of the published digest, or says why it was rejected.",
        ),
        "drop": Param(
            [],
            type=["null", "array"],
            items={"type": "string"},
            examples=[str(story_id) for story_id in choices],
            values_display={str(story_id): headline for story_id, headline in choices.items()},
            title="Stories to leave out",
            description="Chosen by headline. They stay out of later drafts of this day, and of later days.",
        ),
    }


def body(shown: Sheet, because: str, base: str) -> str:
    """The text of the pending action: why it is asked again, where it is edited, and the draft."""
    lines = [f"> **Asked again.** {because}", ""] if because else []
    lines += [f"[Edit it on its review page]({base}/wirewatch/digests/{shown.digest_id}/review)", ""]
    if shown.note:
        lines += ["> Held with this note:", *(f"> {line}" for line in shown.note.splitlines()), ""]
    return "\n".join(lines) + "\n" + shown.text


def wrong_in(options: Any, fields: Mapping[str, Any]) -> tuple[tuple[int, ...], str, str]:
    """The stories to leave out and the note of an answer, and what is wrong with it, in one line."""
    if not isinstance(options, list) or len(options) != 1 or options[0] not in ("Approve", "Reject"):
        return (), "", f"the answer is Approve or Reject, not {options!r:.60}"
    if strange := sorted(set(fields) - {"note", "drop"}):
        return (), "", f"the form has no field {strange[0]!r:.60}"
    note = fields.get("note") or ""
    if not isinstance(note, str):
        return (), "", f"the note is a text, not {note!r:.60}"
    if len(note) > NOTE:
        return (), note, f"the note has {len(note)} characters, and {NOTE} are taken"
    drop, wrong = edits.numbers(fields.get("drop"))
    return drop, note, wrong
