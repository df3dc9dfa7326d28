"""What mkdocs cannot know by itself: the pages at the top of the project, the notes, and a page per room of the code.

A hook of mkdocs.yml. Pages are made in memory; nothing is written beside the sources.
"""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
#: Title and file of each page that stands at the top, where forges look for it.
TOP = {"Architecture": "ARCHITECTURE", "Contributing": "CONTRIBUTING", "Security": "SECURITY", "Changes": "CHANGELOG"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Complete the navigation; pages that people write for users stand in mkdocs.yml itself."""
    assert config.nav is not None
    notes = sorted(path.name for path in (ROOT / "docs" / "notes").glob("[0-9]*.md"))
    config.nav += [
        {"The project": [{title: f"{name.lower()}.md"} for title, name in TOP.items()]},
        {"API": [{room: f"api/{room}.md"} for room in rooms()]},
        {"Notes": ["notes/index.md", *(f"notes/{name}" for name in notes)]},
    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are no files of docs/."""
    for name in TOP.values():
        text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
        files.append(File.generated(config, f"{name.lower()}.md", content=within_site(text)))
    for room in rooms():
        files.append(File.generated(config, f"api/{room}.md", content=f"::: pipeline.{room}\n"))
    return files


def rooms() -> list[str]:
    """The rooms of the code: the modules and packages right below `pipeline`, as a reader imports them."""
    paths = [*(ROOT / "pipeline").glob("*.py"), *(path.parent for path in (ROOT / "pipeline").glob("*/__init__.py"))]
    return sorted(path.stem for path in paths if not path.stem.startswith("__"))


def within_site(text: str) -> str:
    """A page of the top as a page of the site: its links to docs/ and to its neighbours, rewritten."""
    text = text.replace("](docs/", "](")
    neighbours = "|".join(TOP.values())
    return re.sub(rf"\]\(({neighbours})\.md", lambda found: f"]({found[1].lower()}.md", text)
