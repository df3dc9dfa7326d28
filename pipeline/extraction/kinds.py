"""What kind of page this is: an article, a paywall's teaser, a live blog, or no article at all.

The phrases are how publishers' own pages put it, in the languages of the feeds; each is long enough to be told from
prose about the same thing, and none decides alone (see `teaser`).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from pipeline.extraction.facts import PageFacts, text_of

_NO_HTML_TYPES = re.compile(
    r"^\s*(?:image|audio|video|font)/|^\s*application/(?:pdf|json|zip|msword|rss\+xml|atom\+xml|x-gzip)", re.IGNORECASE
)
_NO_HTML_STARTS = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"RIFF",
    b"ID3",
    b"\0\0\0",
)
_GZIP = b"\x1f\x8b"
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b", re.IGNORECASE)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|article|div|p|meta|title|h1|main|section|table|span|a)\b", re.IGNORECASE
)

_VISIBLE = XPath("//body//text()[not(parent::script or parent::style or parent::template)]", smart_strings=False)

_CONSENT_HOST = re.compile(r"^(?:consent|privacy|myprivacy|cmp|guce|cookiewall)\b|^consent\.", re.IGNORECASE)
_CONSENT_PATH = re.compile(
    r"/(?:consent|privacygate|privacy-gate|cookie-?wall|collectconsent|zustimmung)(?:[/.?]|$)", re.IGNORECASE
)
_CONSENT = re.compile(
    r"before you continue|we (?:and our (?:\d+ )?partners )?use cookies|(?:accept|reject) all"
    r"|manage (?:options|choices|preferences)"
    r"|mit werbung (?:weiterlesen|und tracking)|cookies? (?:zu)?stimmen|alle akzeptieren|zustimmen und weiter"
    r"|ihre privatsphäre"
    r"|tout accepter|continuer sans accepter|nos partenaires|accepter (?:les cookies|et continuer)"
    r"|aceptar (?:todo|y continuar|cookies)"
    r"|accetta (?:tutto|e continua)|alles accepteren|принять все|файлы cookie|すべて同意|クッキー|모두 동의"
    r"|쿠키|全部接受",
    re.IGNORECASE,
)
_BLOCKED = re.compile(
    r"^(?:just a moment|attention required|access denied|access to this page has been denied"
    r"|are you a robot|robot check"
    r"|human verification|security check|pardon our interruption|please verify you are|request blocked|one more step"
    r"|403 forbidden|forbidden|ddos-guard|checking your browser|доступ ограничен|verifying you are human)\b",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"^(?:error\s+)?404\b|\b404\s*(?:error|not found|-)"
    r"|^(?:the )?(?:page|article|story) (?:was |could )?not (?:be )?found|^seite nicht gefunden"
    r"|^page (?:introuvable|non trouvée)|^página no encontrada|^pagina non trovata|^страница не найдена"
    r"|^ページが見つかりません|^페이지를 찾을 수 없",
    re.IGNORECASE,
)
_SCRIPT_ROOT = re.compile(
    r"id=[\"'](?:root|app|__next|__nuxt|react-root|app-root|svelte|main-app)[\"']|enable javascript"
    r"|javascript (?:is )?(?:required|disabled)"
    r"|aktivieren sie (?:bitte )?javascript|activer javascript|habilitar? javascript|включите javascript"
    r"|javascriptを有効|자바스크립트",
    re.IGNORECASE,
)

_PAYWALL = re.compile(
    # English
    r"subscribe (?:now )?to (?:continue|keep) reading"
    r"|to (?:continue|keep) reading,? (?:please )?(?:subscribe|log ?in|sign ?in|register)"
    r"|this (?:article|content|story) is (?:for|available to|exclusive to"
    r"|reserved for|only available to) (?:our )?(?:paid |premium )?(?:subscribers|members)"
    r"|already a (?:subscriber|member)\?|for subscribers only|subscriber[- ]only"
    r"|unlock (?:this|the full) article|you have reached your (?:article )?limit"
    # German
    r"|jetzt (?:weiterlesen|freischalten)|weiterlesen mit"
    r"|(?:dieser|diesen) (?:artikel|inhalt|beitrag)\w* (?:ist|lesen sie|steht) (?:nur |exklusiv )?(?:für|mit)"
    r"|(?:bereits|schon) abonnent|nur für abonnent|exklusiv für abonnent"
    r"|sie haben bereits ein (?:digital-?)?abo|artikel freischalten|registrieren und weiterlesen"
    # French
    r"|(?:article|contenu|la suite est|lecture) (?:est )?réservée?s? (?:à nos|aux) abonnés"
    r"|il vous reste [\d,.]+ ?% de cet article|déjà abonné|abonnez-vous pour (?:lire|continuer|accéder)"
    # Spanish, Italian, Portuguese
    r"|(?:contenido|artículo|noticia) (?:exclusiv[oa]|solo) para (?:suscriptores|abonados)"
    r"|suscr[ií]bete para (?:seguir|continuar) leyendo|¿ya eres suscriptor"
    r"|(?:contenuto|articolo) (?:riservato|esclusivo|per soli) (?:agli )?abbonati"
    r"|per continuare a leggere,? abbonati|sei già abbonato"
    r"|(?:conteúdo|exclusivo) (?:exclusivo )?para assinantes|já é assinante"
    # Russian
    r"|(?:материал|статья|текст|продолжение) (?:доступ\w+ )?(?:только )?(?:по подписке|для подписчиков)"
    r"|чтобы (?:про)?читать (?:дальше|полностью|целиком)|оформите подписку"
    # Japanese, Korean, Chinese
    r"|(?:この記事は)?有料(?:会員|記事|登録)(?:限定|です)|会員限定(?:記事|です)|残り\s*[\d,]+\s*文字"
    r"|続きを(?:読むには|お読みいただく)"
    r"|유료\s*(?:회원|구독자|독자)|구독자\s*전용|로그인\s*후\s*(?:이용|계속)|회원\s*전용\s*(?:기사|콘텐츠)"
    r"|이어\s*보시려면"
    r"|(?:订阅|訂閱|登录|登入)(?:后|後|以)?(?:继续|繼續)?(?:阅读|閱讀)(?:全文)?"
    r"|(?:付费|付費|会员|會員)(?:专享|專享|限定|內容|内容)|(?:本文|此内容)(?:为|為)付",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(
    r"(?:\.\.\.|…|\[(?:\.\.\.|…)\]|read more|weiterlesen|lire la suite|leer más|читать далее"
    r"|続きを読む|더\s?보기|阅读全文)\s*[»›>→]*\s*$",
    re.IGNORECASE,
)
_LIVE_PATH = re.compile(
    r"[/_-](?:live-?blog|live-?ticker|live-?updates?|live-news|newsticker"
    r"|en-direct|minuto-a-minuto|en-vivo|en-directo|diretta)(?:[/_.-]|$)",
    re.IGNORECASE,
)

# Words below which a text beside a paywall's signs is a teaser. Newspapers show one to three paragraphs, 40 to 150
# words. Of 400 labelled pages three count as teasers: two paywalls, and one post that ends in an ellipsis.
_TEASER_WORDS = 180
_CUT_WORDS = 120
# Share of the words the page announces (schema.org wordCount) below which the text is a part of it.
_WHOLE_SHARE = 0.6
# The feed's text must be this much longer than the page's before the page counts as cut.
_FEED_LONGER = 1.3
_FEED_MORE_WORDS = 40


def not_html(body: bytes, content_type: str | None) -> str | None:
    """Why a body cannot be a page, in words for people; None where it looks like HTML."""
    start = body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return "the body is empty"
    if start.startswith(_GZIP):
        return "the body is gzip data; unpack it first"
    if start.startswith(_NO_HTML_STARTS) and not start.startswith(b"\0\0\0<"):
        return "the body is a binary file"
    if _FEED.search(start[:1024]) and not _HTML.match(start):
        return "the body is a feed or sitemap, not a page"
    utf16 = body[:2] in (b"\xff\xfe", b"\xfe\xff") or body[:200].count(b"\0") > 20
    if utf16 or _HTML.search(body[:16384]):
        return None
    if content_type and _NO_HTML_TYPES.match(content_type):
        return f"the server calls it {content_type.split(';')[0].strip()}"
    return "the body has no HTML tags"


def obstacle(facts: PageFacts, url: str, source: str, text: str) -> tuple[str, str] | None:
    """The reason code and a line for people where a page stands in place of the article; None where it is one.

    `source` is the page's HTML, `text` the prose extracted from it. A long text is an article whatever its title.
    """
    words = count_words(text)
    if words >= _TEASER_WORDS:
        return None
    title = facts.title_tag or (facts.h1[0] if facts.h1 else "")
    parts = urlsplit(url)
    if _CONSENT_HOST.search(parts.hostname or "") or _CONSENT_PATH.search(parts.path):
        return "consent-page", "the outlet answered with its cookie consent page"
    if _BLOCKED.search(title):
        return "blocked-page", f"the outlet answered with a check for robots: {title[:60]}"
    if _NOT_FOUND.search(title) or any(_NOT_FOUND.search(h) for h in facts.h1[:1]):
        return "not-found-page", "the outlet says the page is gone, with status 200"
    if words < 120 and not facts.articles and len(_CONSENT.findall(text)) >= 2:
        return "consent-page", "the page's text is its cookie notice"
    if words < 12 and _SCRIPT_ROOT.search(source):
        return "script-only", "the page is filled by scripts; its HTML holds no article"
    return None


def live_blog(facts: PageFacts, url: str) -> bool:
    """Whether a page is a live blog: schema.org says so, or its address does and it holds several time stamps."""
    return facts.live or (bool(_LIVE_PATH.search(urlsplit(url).path)) and len(facts.times) >= 3)


def teaser(facts: PageFacts, tree: HtmlElement, text: str) -> str | None:
    """Why a page's text is only the beginning of an article: ``word-count``, ``paywall`` or ``cut-off``; else None.

    A declaration alone is not enough, because many outlets declare a paywall and send the whole text.
    """
    words = count_words(text)
    announced = max((_number(node.get("wordCount")) for node in facts.articles[:1]), default=0)
    if announced >= 100 and words < _WHOLE_SHARE * announced and words < 2 * _TEASER_WORDS:
        return "word-count"
    if words < _TEASER_WORDS and (_declared_closed(facts) or _PAYWALL.search(visible(tree))):
        return "paywall"
    if words < _CUT_WORDS and _CUT_OFF.search(text):
        return "cut-off"
    return None


def visible(tree: HtmlElement) -> str:
    """The words of a page outside its scripts and styles, in one line."""
    return " ".join(" ".join(_VISIBLE(tree)).split())


def feed_has_more(page_text: str, feed_text: str) -> bool:
    """Whether the feed carries so much more text than the page that the page must be cut."""
    page, feed = count_words(page_text), count_words(feed_text)
    return feed > _FEED_LONGER * page and feed - page > _FEED_MORE_WORDS


def cut_off(text: str) -> bool:
    """Whether a text ends as a teaser does: in an ellipsis or an invitation to read on."""
    return bool(_CUT_OFF.search(text))


def count_words(text: str) -> int:
    """Words of a text; two characters of a script without spaces count as one word."""
    unspaced = len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]", text))
    return len(text.split()) + unspaced // 2


def _declared_closed(facts: PageFacts) -> bool:
    values: list[Any] = [node.get("isAccessibleForFree") for node in facts.articles[:1]]
    tier = (facts.first("article:content_tier") or "").lower()
    return tier in ("locked", "metered") or any(str(value).strip().lower() in ("false", "no") for value in values)


def _number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < 10**6 else 0  # JSON's integers have no end, and no page a million words
    digits = re.sub(r"\D", "", text_of(value)) if isinstance(value, str) else ""
    return int(digits) if 0 < len(digits) < 7 else 0
