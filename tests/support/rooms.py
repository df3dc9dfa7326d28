"""The rooms of ``pipeline/``, lowest first: a room imports only what stands before it.

A new folder or module is put in its place here and in the table of ARCHITECTURE.md.
"""

GROUND = ("models", "errors", "shipped", "settings", "workers")
DECISIONS = (
    *("text", "urls", "topics", "digests", "edits", "alerts", "feeds", "polling", "extraction", "copies", "embeddings"),
    "stories",
)
DOORS = ("inference", "web", "archive", "database", "store")
STEPS = ("steps",)
FACES = ("orchestration", "portal", "local", "commands", "cli", "__main__")
ORDER = (*GROUND, *DECISIONS, *DOORS, *STEPS, *FACES)
