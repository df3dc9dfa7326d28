"""Make .venv and install the locked versions into it; run by `make`, with nothing but Python's own library.

torch comes first. A build that pip finds locally (find-links in its configuration) is taken as it is; otherwise uv
picks the build for this machine, which is the small CPU one where there is no GPU, so that nobody downloads CUDA for
nothing.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
LOG = VENV / "install.log"
PIP = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
OLDEST = (3, 11)


def main() -> int:
    """Install; returns the exit status."""
    if sys.version_info < OLDEST:
        return fail(f"Python {sys.version.split()[0]} is too old; say where 3.11 or newer is: make PYTHON=python3.12 …")
    started = time.monotonic()
    try:
        make_venv()
        locked = [line for line in LOCK.read_text().splitlines() if "==" in line]
        install_torch(next(line for line in locked if line.startswith("torch==")))
        install_locked(len(locked))
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
        say("virtual environment")
        done = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
        if done.returncode:
            fail("on Debian and Ubuntu, venv is a package of its own: apt install python3-venv")
            raise subprocess.CalledProcessError(done.returncode, done.args)


def install_torch(requirement: str) -> None:
    """Install torch where this version of it, in any build, is not there yet."""
    say(requirement)
    wanted = requirement.split("==")[1]
    known = f"import sys, importlib.metadata as m; sys.exit(m.version('torch').split('+')[0] != {wanted!r})"
    if quiet([str(PYTHON), "-c", known]) or quiet([*PIP, "--no-index", "--no-deps", requirement]):
        return
    run([*PIP, "--quiet", "uv"])
    try:
        run([str(PYTHON), "-m", "uv", "pip", "install", "--python", str(PYTHON), "--torch-backend=auto", requirement])
    except subprocess.CalledProcessError:
        fail(f"No build of {requirement} to be had; put its wheel into a folder and say PIP_FIND_LINKS=FOLDER make …")
        raise


def install_locked(total: int) -> None:
    """Install the lock, showing how far it is. pip still looks at what each needs: another Python may need more."""
    command = [*PIP, "--progress-bar", "off", "--requirement", str(LOCK)]
    with LOG.open("w") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as pip:
        assert pip.stdout is not None
        seen = 0
        for line in pip.stdout:
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen += 1
                name = line.removeprefix("Collecting ").removeprefix("Requirement already satisfied: ").split("==")[0]
                say(f"{seen} of {max(seen, total)}: {name.split()[0]}", often=True)
            elif line.startswith("Installing collected"):
                say(f"unpacking {total} packages")
    if pip.returncode:
        sys.stderr.write("\n" + LOG.read_text()[-2000:])
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
