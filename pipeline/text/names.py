"""Names of people as bylines write them: which belong to one name, which are several, which way round (pure).

A byline may list names (``Ada Byron y Bo Lind``) in the same signs that names hold (``José Ortega y Gasset``,
``Byron, Ada``), and goes on with places, jobs and dates. The words are data: `pipeline.text.phrases`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.text import agencies
from pipeline.text.folding import fold, spelling
from pipeline.text.phrases import any_of, listed, of_language

_UNCASED = re.compile(r"^[\u2e80-\U0003ffff\s・·]+$")  # scripts of East Asia, which write names without blanks
_SUFFIX = r"jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|dr|esq|mba|msc?|ba|ma|rn"
_STRONG = re.compile(
    r"\s*(?:[;|•\n\t]|&(?!\w+;)|(?<![\u3400-\u9fffl])·|·(?![\u3400-\u9fffl])|、|，|/(?![lpo]\b))\s*", re.IGNORECASE
)
_COMMA = re.compile(rf"\s*,(?!\s*(?:{_SUFFIX})\b)\s*(?:(?:{any_of('and')})\s+)?", re.IGNORECASE)
_AND = re.compile(rf"\s+(?P<word>{any_of('and')})\s+", re.IGNORECASE)
_WITHIN = listed("and_within_names")
_TITLES_AFTER = listed("reporter_title")
_DEGREE = re.compile(rf"\s*,\s*(?!jr\b|sr\b|i{{2,3}}\b|iv\b)(?:{_SUFFIX})\b\.?(?=,|$)", re.IGNORECASE)
_INITIAL = re.compile(r"^(?:[^\W\d_]\.?-?){1,3}$")
_ELIDED = re.compile(r"^(?:d|l|t|s|dell|dall|nell|ibn|al|el|an|as|ash|ul|ur)['’-]\w", re.IGNORECASE)
# Two to four capitalised words, with particles between: what a name looks like in scripts with case.
_SMALL = listed("name_particle") | {"rer", "nat", "med", "phil"}
# Articles stand in names only behind another particle (von der, op den); alone they are of a job: "Leiterin der".
_ARTICLES = frozenset({"der", "den", "dem", "des", "du"})
_TITLES = r"(?:(?:Dr|Prof|Mag|Dipl|Ing|med|rer|nat|phil)\.?\s+)*"
_PARTICLES = rf"(?:(?:{any_of('name_particle')})\s+)*"
_CAPITAL = r"(?:(?:d|l|t|s|dell|dall|al|el)['’-])?[^\W\d_a-z][\w.'’-]*"
_PERSON = re.compile(rf"^{_TITLES}(?:{_PARTICLES}){_CAPITAL}(?:\s+{_PARTICLES}{_CAPITAL}){{1,4}}$")

_LED_FAMILY = re.compile(
    rf"^\s*(?:(?:{any_of('name_particle')})\s+)+(?P<family>{_CAPITAL})\s*,\s*(?P<given>{_CAPITAL}(?:\s[A-Z]\.)*)\s*$"
)


def split(line: str, language: str | None = None, *, turned: bool | None = False) -> list[str]:
    """The names in a line that lists them.

    `language` is the page's primary subtag: Spanish "en" leads to a place where Dutch "en" joins two names. `turned`
    says that the line is of a field that writes the family's name first (``Byron, Ada``), None that it may be: then a
    list of such names between semicolons is read so, and a name whose parts can be nothing else.
    """
    pieces = [piece for piece in _STRONG.split(line) if piece.strip()]
    several = turned is None and len(pieces) > 1 and ";" in line and all(map(_comma, pieces))
    names = []
    for piece in pieces:
        straight = _turned(piece, whatever=turned or several) if turned is not False else None
        names += [straight] if straight else _apart(piece, language)
    return names


def without_tail(name: str, language: str | None = None) -> str:
    """A name without the place it reports from and without academic degrees behind it.

    A word that joins names in some language leads to a place only in the page's own.
    """
    name = _DEGREE.sub("", name)
    found = _place(language).search(name)
    return name[: found.start()] if found and is_person(name[: found.start()]) else name


def is_person(name: str) -> bool:
    """Whether a string is written as a person's name is; scripts without case are taken at their word."""
    words = name.split()
    if any(word[0].islower() and fold(word) not in _SMALL and not _ELIDED.match(word) for word in words):
        return False
    if any(word in _ARTICLES and (n == 0 or words[n - 1][0].isupper()) for n, word in enumerate(words)):
        return False
    return bool(_PERSON.match(name)) or (2 <= len(name) <= 12 and all(c > "\u2e80" or c in " ·" for c in name))


def words_of_name(name: str) -> list[str]:
    """The words of a name that are no particles."""
    return [word for word in name.split() if fold(word) not in _SMALL]


@lru_cache(maxsize=128)
def _place(language: str | None) -> re.Pattern[str]:
    joining = listed("and") | listed("name_particle")
    words = {*of_language("in_place", language), *(word for word in listed("in_place") if word not in joining)}
    return re.compile(rf"\s+(?:{'|'.join(sorted(words, key=lambda word: (-len(word), word)))})\s+(?=[^\W\d_a-z])")


def _apart(piece: str, language: str | None) -> list[str]:
    """The names between commas and conjunctions; East Asian ones between blanks too, where each is as long as one."""
    names: list[str] = []
    for part in _COMMA.split(piece):
        names += _joined(part, language)
    if language in ("zh", "ko"):
        names = [each for name in names for each in _blanks(name)]
    return names


def _blanks(name: str) -> list[str]:
    words = [word for word in name.split() if word not in _TITLES_AFTER]
    listed_names = len(words) > 1 and _UNCASED.match(name) and all(2 <= len(word) <= 4 for word in words)
    return words if listed_names else [name]


def _joined(part: str, language: str | None) -> list[str]:
    """The names that conjunctions part, the last of a list first, as "José Ortega y Gasset y Bo Lind" is two."""
    names: list[str] = []
    for found in reversed(list(_AND.finditer(part))):
        left, right, word = part[: found.start()], part[found.end() :], fold(found["word"])
        if not _parts(left, word, right, language):
            continue
        names.insert(0, right)
        part = left
    return [part, *names]


def _parts(left: str, word: str, right: str, language: str | None) -> bool:
    """Whether a word between names parts them, and is neither within one nor before a place."""
    if not _conjunction(word, language):
        return False
    before, after = left.split(), right.split()
    if before and after and fold(before[-1]) in _SMALL and fold(after[0]) in _SMALL:  # von und zu
        return False
    if word not in _WITHIN:
        return _each_in_a_place(left, right, language) or (
            _capitalised(left) and _capitalised(without_tail(right, language))
        )
    tail = _AND.split(right, maxsplit=1)[0]
    return len(words_of_name(left)) < 2 or len(words_of_name(tail)) > 1


def _each_in_a_place(left: str, right: str, language: str | None) -> bool:
    """Whether two people are named with the place of each: Ada Byron in Aro and Bo Lind in Belt."""
    nearest = _AND.split(left)[-1]
    return without_tail(nearest, language) != nearest and without_tail(right, language) != right


def _capitalised(side: str) -> bool:
    """Whether no word but particles begins with a small letter; one that does is of an office, or of a login."""
    words = side.split()
    return len(words) < 2 or not any(word[0].islower() and fold(word) not in _SMALL for word in words)


@lru_cache(maxsize=512)
def _conjunction(word: str, language: str | None) -> bool:
    own = of_language("in_place", language)
    if any(re.fullmatch(phrase, word) for phrase in own):
        return any(re.fullmatch(phrase, word) for phrase in of_language("and", language))
    return re.fullmatch(any_of("and"), word) is not None


def _comma(piece: str) -> tuple[str, str] | None:
    """What stands on either side of the one comma of a piece; None where there is another number of them."""
    sides = [side.strip() for side in _COMMA.split(piece)]
    return (sides[0], sides[1]) if len(sides) == 2 and all(sides) else None


def _turned(piece: str, *, whatever: bool) -> str | None:
    """``Ada Byron`` of ``Byron, Ada``; None where the piece is not written so.

    Where the field does not say it (`whatever`), the family's name is one word, or one led by a particle, and the
    given name one word or one with initials, and none is an agency.
    """
    sides = _comma(piece)
    if sides is None:
        return None
    family, given = sides
    if any(map(is_agency, sides)) or any(char.isdigit() for char in piece):
        return None
    if whatever:
        return None if is_person(family) and is_person(given) and not _led(family) else f"{given} {family}"
    first, *more = given.split()
    if not (len(family.split()) == 1 or _led(family)) or not all(_INITIAL.match(word) for word in more):
        return None
    full = len(first) > 1 and first[-1].islower()
    return f"{given} {family}" if first[0].isupper() and family[-1].islower() and (full or more) else None


def _led(family: str) -> bool:
    """Whether a family's name begins with a particle."""
    return fold(family.split()[0]) in _SMALL


def is_led_family(line: str) -> bool:
    """Whether a line begins with a family's name led by a particle, and the given name is behind its comma."""
    found = _LED_FAMILY.match(line)
    return found is not None and not is_agency(found["family"]) and not is_agency(found["given"])


def is_led(name: str) -> bool:
    """Whether a name is one word behind a particle that is written large, as English writes a name's: Von Miller."""
    first, _, last = name.partition(" ")
    return first.istitle() and fold(first) in _SMALL and bool(re.fullmatch(_CAPITAL, last)) and not is_agency(last)


def is_agency(name: str) -> bool:
    """Whether a string is what an agency signs with."""
    return spelling(name) in _agencies()


@lru_cache(maxsize=1)
def _agencies() -> frozenset[str]:
    return frozenset(map(spelling, agencies.AGENCIES))
