"""Whether the gate finds what is on a topic of real feeds, each topic left out of the fit: precision and recall.

``python -m bench.topics`` prints the table of the note in docs/notes for the settings' model (WIREWATCH_MODEL,
WIREWATCH_MODEL_PROMPT, WIREWATCH_MODEL_LANGUAGES), and the numbers that are fitted to all topics; ``--write`` puts them
into the packaged story model, where that is of the same model.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, replace

from pipeline import settings as configuration
from pipeline.stories import model as story_model
from pipeline.stories.topic_calibration import fit_topic
from tests.support import topic_cases as cases


def main() -> None:
    """Print the table; write the numbers where that was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the numbers into the packaged story model")
    arguments = parser.parse_args()
    settings = configuration.load()
    sys.stdout.write("| topic | terms | texts | precision | recall | precision, related too | wrong | missed |\n")
    sys.stdout.write("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |\n")
    for name in cases.NAMES:
        case, numbers = cases.measured(name, settings), cases.without(name, settings)
        for spoken in (None, ("en",)):
            found = cases.gate(case, numbers, spoken)
            terms = "English" if spoken else "English, Polish"
            for language in (None, "en", "pl"):
                on, related = cases.quality(case, found, language), cases.quality(case, found, language, least=1)
                sys.stdout.write(
                    f"| {name} | {terms} | {language or 'all'} | {on.precision:.3f}"
                    f" | {on.recall:.3f} | {related.precision:.3f} | {on.wrong} | {on.missed} |\n"
                )
        sys.stdout.write(f"\n{name}: {asdict(numbers)}\n\n")
    fitted = fit_topic([cases.measured(name, settings) for name in cases.NAMES])
    assert fitted is not None
    sys.stdout.write(f"fitted to all: {asdict(fitted)}\n")
    if arguments.write:
        packaged = story_model.packaged(settings.model)
        if packaged is None:
            raise SystemExit(f"the package has no numbers for {settings.model}")
        story_model.path_of(settings.model).write_text(replace(packaged, topic=fitted).to_json(), encoding="utf-8")


if __name__ == "__main__":
    main()
