"""Where the files are that come with the program: its SQL, its seeds and its DAGs.

In a checkout they stand beside this package, where people edit them; an installed wheel holds them inside the package,
so that they are found from any folder. They are asked for by path, as Postgres, Airflow and people read them.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = (_PACKAGE / "sql").is_dir()
_ROOT = _PACKAGE if _INSTALLED else _PACKAGE.parent

#: The folder of the checkout that this package is run from; None where it was installed as a wheel.
CHECKOUT: Path | None = None if _INSTALLED else _ROOT
SQL = _ROOT / "sql"
SEEDS = _ROOT / "seeds"
DAGS = _ROOT / "dags"
