"""``wirewatch``: every step and every answer from a terminal, without Airflow."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import BrokenExecutor
from types import FrameType

import typer

from pipeline.commands import (
    articles,
    clustering,
    console,
    database,
    digests,
    doctor,
    feeds,
    labels,
    model,
    quarantine,
    questions,
    run,
    searching,
    steps,
    stories,
    topics,
)
from pipeline.commands.arguments import DESK, HOUSE, PIPELINE
from pipeline.database.errors import in_one_line
from pipeline.errors import WirewatchError

INTERRUPTED = 130
#: Who asks a command to end: a service manager or `kill`, and a terminal that is closed.
_ASKED = (signal.SIGTERM, signal.SIGHUP)
_SAID = "stopped; what was done stays, and the next run goes on from there"
_AGAIN_SECONDS = 0.05  # by then the finaliser is over; one that is not loses it once more
_over = threading.Event()  # the command is done
_STOPPED = (INTERRUPTED, *(128 + number for number in _ASKED))

app = typer.Typer(
    name="wirewatch",
    help="News monitoring: many feeds in, deduplicated stories in Postgres, one reviewed digest per day out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for module in (run, steps, stories, searching, articles, clustering, doctor):
    module.register(app)
app.add_typer(digests.app, name="digest", rich_help_panel=PIPELINE)
app.add_typer(quarantine.app, name="quarantine", rich_help_panel=DESK)
app.add_typer(labels.app, name="labels", rich_help_panel=DESK)
app.add_typer(topics.app, name="topic", rich_help_panel=HOUSE)
app.add_typer(feeds.app, name="feeds", rich_help_panel=HOUSE)
app.add_typer(model.app, name="model", rich_help_panel=HOUSE)
app.add_typer(database.app, name="db", rich_help_panel=HOUSE)


def main() -> None:
    """Run a command. What is wrong outside this program is one line on stderr.

    Exit status: 0 done, 1 not done, 2 called wrongly, 130 stopped by Ctrl-C, 143 by SIGTERM, 129 by a closed terminal.
    """
    _over.clear()
    console.use_utf8()
    for number in _ASKED:
        if signal.getsignal(number) == signal.SIG_DFL:  # nohup has SIGHUP ignored, and that stays
            signal.signal(number, _stop)
    console.hear_database()
    console.hear_model()
    before, sys.unraisablehook = sys.unraisablehook, _ask_again
    try:
        _run()
    finally:
        sys.unraisablehook = before
        _over.set()


def _run() -> None:
    try:
        app(prog_name="wirewatch")
    except WirewatchError as error:
        console.fail(str(error))
        sys.exit(1)
    except KeyboardInterrupt:  # outside of typer's own reach
        console.fail(_SAID)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader had enough. What is still buffered has nowhere to go, and must not fail once more at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        said = error.strerror or str(error) or type(error).__name__
        console.fail(f"{error.filename}: {said}" if error.filename is not None else f"{said}; run it again")
        sys.exit(1)
    except BrokenExecutor:
        console.fail("a process of this program was killed; what was done stays, run it again")
        sys.exit(1)
    except Exception as error:
        line = in_one_line(error)
        if line is None:
            raise  # a defect of ours: the traceback is what a report needs
        console.fail(line)
        sys.exit(1)
    except SystemExit as ended:
        if ended.code in _STOPPED and not isinstance(ended, questions.Stopped):
            console.fail(_SAID)
        raise


def _stop(number: int, _frame: FrameType | None) -> None:
    """End the command as an exception does: what it started ends with it, the embedded Postgres among it."""
    if _over.is_set():
        return  # it lets go of things already, and an exception in the midst of that would be printed and lost
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def _ask_again(lost: sys.UnraisableHookArgs) -> None:
    """Send a signal once more whose exception was lost: it had come while an object was finalised.

    Python drops what is raised there (https://docs.python.org/3/reference/datamodel.html#object.__del__), so that the
    command would go on, and no longer hear who asks it to end.
    """
    if isinstance(lost.exc_value, KeyboardInterrupt):
        number = int(signal.SIGINT)
    elif isinstance(lost.exc_value, SystemExit) and lost.exc_value.code in _STOPPED:
        number = int(lost.exc_value.code) - 128
        signal.signal(number, _stop)
    else:
        sys.__unraisablehook__(lost)
        return
    soon = threading.Timer(_AGAIN_SECONDS, os.kill, (os.getpid(), number))
    soon.daemon = True
    soon.start()
