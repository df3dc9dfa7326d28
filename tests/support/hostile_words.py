"""What a stranger could write for a headline, a name, a sentence or an address, and a digest that is made of it."""

from __future__ import annotations

from dataclasses import replace

from pipeline import digests
from pipeline.models import Digest
from pipeline.models.details import Before, Cited, Correction, Ended, First, Gloss, OldCopy
from tests.support.digest_cases import DAY, NOON, article, story, summit

WORDS = {
    "script": "<script>document.title='owned';fetch('http://evil.example/')</script>",
    "quote breakout": "\"'><img src=http://evil.example/x.png onerror=\"document.title='owned'\">",
    "attribute": 'x" onfocus="document.title=\'owned\'" autofocus="',
    "closing": "</title></style></textarea></main><script>document.title='owned'</script>",
    "svg": "<svg onload=document.title='owned'><foreignObject><iframe src=http://evil.example/>",
    "javascript": "javascript:document.title='owned'",
    "spaced javascript": " java\tscript:document.title='owned'",
    "data": "data:text/html,<script>parent.document.title='owned'</script>",
    "Markdown link": "[read](javascript:document.title='owned') [on](http://evil.example/)",
    "Markdown image": "![](http://evil.example/pixel.png)",
    "Markdown reference": "[x]: http://evil.example/ 'y'",
    "Markdown blocks": "# one\n\n## two\n\n1. list\n\n    code\n\n```\nfence\n---",
    "Markdown HTML": "<a href='http://evil.example/'>x</a> <!-- hidden --> <http://evil.example/>",
    "entities": "&lt;script&gt; &#60;script&#62; &amp;#x3c;b&amp;#x3e;",
    "header": "Talks\r\nBcc: everybody@evil.example\r\n\r\n<b>body</b>",
    "folded header": "Talks\n Bcc: everybody@evil.example\x85X: y\u2028Z: z",
    "right to left": "invoice\u202egpj.exe \u2066isolate \u202bembed",
    "terminal": "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b1mred \x1b]8;;http://evil.example/\x1b\\link",
    "rich markup": "[bold red]x[/] [link=http://evil.example]y[/link] [/nothing]",
    "CDATA": "]]> <![CDATA[ <b>x</b> ]]> <?php x ?> <!DOCTYPE x>",
    "line separators": "a\u2028b\u2029c\x0bd\x0ce",
    "nothing": "\x00\ufffe\ud800",
    "long word": "W" * 500,
    "marks": "Z" + "\u0301" * 400,
    "template": "{{ body }} {% raw %} ${7*7} {0} %s $\\frac{1}{0}$",
    "table": "| a | b |\n|---|---|\n| =cmd() | @SUM(1) |",
    "formula of an address": "https://evil.example/'onmouseover='alert(1)\"><script>",
    "broken address": "http://[::1",
}


def hostile(words: str) -> Digest:
    """A digest whose every name, headline, sentence and address is these words."""
    bad = replace(
        article(1, "a"), title=words, outlet=words, url=words, lead=words, country=words, ownership=words,
        language=words,
    )  # fmt: skip
    digest = digests.draft(summit(), DAY, [story(1, bad)], Before())
    cited = Cited(words, 1, words, words, words)
    item = digest.items[0]
    details = replace(
        item.details,
        grown=cited,
        sentences=(cited,),
        first=First(words, words, NOON),
        gloss=Gloss(words, "en", words, words),
    )
    correction = Correction(1, words, words, words, NOON, words, words, (OldCopy(words, words, words),))
    changes = replace(digest.changes, corrections=(correction,), ended=(Ended(2, words),))
    return replace(digest, items=(replace(item, details=details, headline=words, summary=words),), changes=changes)
