"""Make .venv and install the locked versions into it; run by `make`, with nothing but Python's own library.

pip checks each file against the hashes of the lock, and refuses what has none. torch is apart, and comes first: which
build of it fits is the machine's business, and the lock knows only PyPI's. A build that pip finds locally (find-links
in its configuration) is taken as it is; otherwise uv picks the one for this machine, which is the small CPU one where
there is no GPU, so that nobody downloads CUDA for nothing. Where it is not one of PyPI's, a line says so.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
OLDEST = (3, 11)
HERE = sys.argv[1:] == ["--here"]
"""Into the interpreter that runs this, without a virtual environment and without the project: for images."""
PYTHON = Path(sys.executable) if HERE else VENV / "bin" / "python"
PIP = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]


def main() -> int:
    """Install; returns the exit status."""
    if sys.version_info < OLDEST:
        return fail(f"Python {sys.version.split()[0]} is too old; say where 3.11 or newer is: make PYTHON=python3.12 …")
    started = time.monotonic()
    try:
        if not HERE:
            make_venv()
        locked = entries(LOCK.read_text())
        install_torch(locked)
        install_locked(len(locked))
        if not HERE:
            say("the project itself")
            run([*PIP, "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    except subprocess.CalledProcessError as error:
        return fail(f"this failed: {' '.join(error.cmd)}")
    except KeyboardInterrupt:
        return fail("stopped; the next start goes on from here")
    say(f"done in {time.monotonic() - started:.0f} s", end=True)
    return 0


def make_venv() -> None:
    """Make .venv where there is none that works."""
    if not PYTHON.exists():
        say("a virtual environment and its packages; this takes a minute or more, once")
        done = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
        if done.returncode:
            fail("on Debian and Ubuntu, venv is a package of its own: apt install python3-venv")
            raise subprocess.CalledProcessError(done.returncode, done.args)


def entries(lock: str) -> dict[str, str]:
    """Name -> its part of the lock: a line ``name==version`` and those with its hashes."""
    parts = re.split(r"^(?=[a-zA-Z0-9])", lock, flags=re.MULTILINE)
    return {part.split("==")[0]: part for part in parts if "==" in part.split("\n")[0]}


def install_torch(locked: dict[str, str]) -> None:
    """Install torch where this version of it, in any build, is not there yet."""
    requirement = re.split(r"[ ;\\]", locked["torch"])[0]
    say(requirement)
    wanted = requirement.split("==")[1]
    known = f"import sys, importlib.metadata as m; sys.exit(m.version('torch').split('+')[0] != {wanted!r})"
    if quiet([str(PYTHON), "-c", known]):
        return
    if quiet([*PIP, "--no-index", "--no-deps", requirement]):
        say(f"{requirement} in a build of your own, by find-links; the lock has no hash of it")
        return
    with tempfile.TemporaryDirectory() as folder:
        tool, build = Path(folder) / "uv.txt", Path(folder) / "torch.txt"
        tool.write_text(locked["uv"])
        build.write_text(locked["torch"])
        run([*PIP, "--quiet", "--no-deps", "--requirement", str(tool)])
        chosen = [
            str(PYTHON),
            "-m",
            "uv",
            "pip",
            "install",
            "--python",
            str(PYTHON),
            f"--torch-backend={os.environ.get('UV_TORCH_BACKEND', 'auto')}",
        ]
        # PyPI's builds for Linux need CUDA beside them, which the lock leaves to uv.
        if sys.platform == "darwin" and quiet([*chosen, "--require-hashes", "--no-deps", "-r", str(build)]):
            return
    try:
        run([*chosen, requirement])
    except subprocess.CalledProcessError:
        fail(f"No build of {requirement} to be had; put its wheel into a folder and say PIP_FIND_LINKS=FOLDER make …")
        raise
    say(f"{requirement} in the build that uv chose for this machine; the lock has hashes of PyPI's builds only")


def install_locked(total: int) -> None:
    """Install the lock, showing how far it is. It is complete for every Python: nothing is looked for beside it."""
    command = [*PIP, "--progress-bar", "off", "--require-hashes", "--no-deps", "--requirement", str(LOCK)]
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as pip,
    ):
        assert pip.stdout is not None
        seen = 0
        for line in pip.stdout:
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen += 1
                name = line.removeprefix("Collecting ").removeprefix("Requirement already satisfied: ").split("==")[0]
                say(f"{seen} of {max(seen, total)}: {name.split()[0]}", often=True)
            elif line.startswith("Installing collected"):
                say(f"unpacking {total} packages")
        if pip.wait():
            log.seek(0)
            sys.stderr.write("\n" + log.read()[-2000:])
    if pip.returncode:
        raise subprocess.CalledProcessError(pip.returncode, command)


def run(command: list[str]) -> None:
    """Run a command that has to succeed."""
    subprocess.run(command, check=True)


def quiet(command: list[str]) -> bool:
    """Whether a command that may fail succeeds."""
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


_said_at = 0.0


def say(text: str, often: bool = False, end: bool = False) -> None:
    """One line that the next one replaces on a terminal; elsewhere lines, and of the frequent ones only some."""
    global _said_at
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[KInstalling  {text}" + ("\n" if end else ""))
    elif not often or time.monotonic() - _said_at > 10:
        _said_at = time.monotonic()
        sys.stdout.write(f"Installing  {text}\n")
    sys.stdout.flush()


def fail(text: str) -> int:
    """One line on stderr; returns the exit status."""
    sys.stderr.write(f"\n{text}\n" if sys.stdout.isatty() else f"{text}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
