"""The sentences that a digest shows of an article: its own prose from the start, word for word, without pleas. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.models import StoryArticle
from pipeline.models.details import Cited
from pipeline.text import datelines, words
from pipeline.text.folding import letters
from pipeline.text.pleas import is_plea
from pipeline.text.tags import primary

SENTENCES = 3
"""Sentences under a headline at most: two of the article that speaks for the story, one of another outlet."""
_OWN = 2
_LONGEST = 600
"""Characters of one sentence; what has more is no news prose, and is cut at a word. The longest sentence that opens an
article of the recorded web has 277."""
NEW_SHARE = 0.5
"""Share of its words that each sentence before it lacks, from which a sentence says something else: see
docs/notes/2026-11-28-what-a-digest-says.md."""
_SENTENCE = re.compile(r"[.!?…؟।][\"”’»』」)\]]*(?:\s|$)|[。！？]")
_ENDED = re.compile(r"[.!?…؟।。！？][\"'”’»』」)\]]*$")
_UNSPACED_END = re.compile(r"[。！？][\"'”’»』」）]*$")
# What an agency puts before a text that it corrects or updates: "(Corrects name in paragraph 3)".
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）")


def opening(title: str, text: str) -> list[str]:
    """The sentences of an article's own prose from its start, in order, up to the first plea; white space is one blank.

    `text` has one paragraph per line. What stands before the prose is passed over: the headline, a section's name, the
    byline, a line with the date, a note in brackets; so is the dateline that opens the first sentence. A text that is
    nothing else is taken as it stands. An end that was cut off is left out where anything else is there.
    """
    paragraphs = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    first = next((n for n, paragraph in enumerate(paragraphs) if _is_prose(paragraph, title)), None)
    if first is None:
        return [_cut(sentence) for sentence in words.sentences(text)]
    # A standfirst before the dateline says what the first sentence says again.
    opened = next((n for n in range(first, min(first + 3, len(paragraphs))) if _dateline(paragraphs[n])), first)
    prose = paragraphs[opened][_dateline(paragraphs[opened]) :]
    rest = (p for p in paragraphs[opened + 1 :] if _SENTENCE.search(p) and letters(p) != letters(title))
    found: list[str] = []
    for sentence in (each for paragraph in (prose, *rest) for each in words.sentences(paragraph)):
        if is_plea(sentence):
            break
        if _ENDED.search(sentence) or not found:
            found.append(_cut(sentence))
    return found


def _dateline(paragraph: str) -> int:
    return datelines.length(paragraph) or datelines.city(paragraph)


def _is_prose(paragraph: str, title: str) -> bool:
    """Whether a paragraph is a sentence of the article, not a label, a byline or the headline again."""
    if letters(paragraph) == letters(title) or datelines.is_credit(paragraph) or _ASIDE.fullmatch(paragraph):
        return False
    if any(map(is_plea, words.sentences(paragraph)[:1])):
        return False
    return _SENTENCE.search(paragraph) is not None and (len(paragraph.split()) > 4 or len(letters(paragraph)) > 24)


def _cut(sentence: str) -> str:
    if len(sentence) <= _LONGEST:
        return sentence
    return (sentence[:_LONGEST].rsplit(" ", 1)[0] if " " in sentence[:_LONGEST] else sentence[:_LONGEST]) + "…"


def joined(sentences: Iterable[str]) -> str:
    """Sentences in a row; those of scripts without blanks stand side by side."""
    text = ""
    for sentence in sentences:
        text += ("" if not text or _UNSPACED_END.search(text) else " ") + sentence
    return text


def summary(title: str, text: str, sentences: int = SENTENCES) -> str:
    """The first sentences of an article's own prose, in a row; see `opening`."""
    return joined(opening(title, text)[:sentences])


def cited(lead: StoryArticle, articles: Sequence[StoryArticle]) -> tuple[Cited, ...]:
    """Two or three sentences that tell a story, each with the article it stands in.

    The first two are those of `lead`. The third is the first sentence of another outlet, in the same language and its
    own words, that says something else; it comes from the outlets unlike the lead's first: by country, by ownership.
    """
    told = [cite(sentence, lead) for sentence in opening(lead.title, lead.lead)[:_OWN]]
    others = [
        article
        for article in articles
        if article.copy_of is None
        and article.outlet != lead.outlet
        and primary(article.language) == primary(lead.language)
    ]
    others.sort(key=lambda a: (a.country == lead.country, a.ownership == lead.ownership, a.published, a.article_id))
    known = [sentence.text for sentence in told]
    for article in others if known else ():
        for sentence in opening(article.title, article.lead)[:_OWN]:
            if says_else(sentence, known):
                return (*told, cite(sentence, article))
    return tuple(told)


def cite(sentence: str, article: StoryArticle) -> Cited:
    return Cited(sentence, article.article_id, article.outlet, article.url, article.language)


def says_else(sentence: str, texts: Iterable[str]) -> bool:
    """Whether a sentence says what no sentence of the texts does: none has more than half of its words."""
    said = set(words.words(sentence))
    had = (set(words.words(each)) for text in texts for each in words.sentences(text))
    return bool(said) and all(len(said & each) <= (1 - NEW_SHARE) * len(said) for each in had)
