"""Who the embedded Postgres runs as: the caller, or an account of its own where the caller is root."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigurationError

Account = pwd.struct_passwd
SYSTEM_USER = "pgserver"  # who the server runs as when root starts it: Postgres refuses to run as root


def account_for(data: Path) -> Account | None:
    """The account to run the server as; None is the caller's own. Root runs it as the owner of an existing folder."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    try:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],  # noqa: S607
            check=True,
            capture_output=True,
        )
        return pwd.getpwnam(SYSTEM_USER)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        raise ConfigurationError(
            f"Postgres does not run as root and the account {SYSTEM_USER!r} could not be made; "
            f"add it (useradd {SYSTEM_USER}) or run as an ordinary user"
        ) from error


def let_in(account: Account, folder: Path, binaries: Path) -> None:
    """Let `account` reach `folder` and run `binaries`: search on the folders above, nothing more."""
    for target in (folder.resolve(), binaries.resolve()):
        for above in (target, *target.parents):
            mode = above.stat().st_mode
            if not mode & stat.S_IXOTH and above.stat().st_uid != account.pw_uid:
                above.chmod(mode | stat.S_IXOTH)
    if binaries.joinpath("postgres").stat().st_mode & 0o005 != 0o005:  # installed under a strict umask
        for path in binaries.parent.rglob("*"):
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def run_as(account: Account | None) -> dict[str, Any]:
    """Keyword arguments that make `subprocess` run a server program as `account`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "env": environment | {"LC_ALL": "C"}}
    if account is not None:
        options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return options
