"""Which agency a text is signed with: the names agencies sign with, in many scripts, and the hosts they publish on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import regex

from pipeline.text import datelines
from pipeline.text.folding import bare, normalise, spelling
from pipeline.text.phrases import any_of

_SIGNATURES: tuple[tuple[str, tuple[str, ...]], ...] = (
    # hosts, first the main one; then the names as they stand in datelines and credits
    ("reuters.com", ("Reuters", "Рейтер", "Рейтерс", "路透社", "路透", "ロイター", "로이터", "رويترز", "רויטרס")),
    ("apnews.com ap.org", ("AP", "Associated Press", "The Associated Press", "АП", "美联社", "美聯社", "AP通信")),
    ("afp.com", ("AFP", "Agence France-Presse", "АФП", "法新社", "AFP通信", "AFP=時事", "أ ف ب", "فرانس برس")),
    ("xinhuanet.com news.cn", ("Xinhua", "Xinhua News Agency", "新华社", "新華社", "Синьхуа", "新华网")),
    ("chinanews.com.cn chinanews.com ecns.cn", ("China News Service", "中新社", "中新网")),
    ("tass.com tass.ru", ("TASS", "ITAR-TASS", "ТАСС", "ИТАР-ТАСС", "塔斯社", "タス通信", "타스")),
    ("ria.ru", ("RIA Novosti", "РИА Новости", "РИА «Новости»", "俄新社")),
    ("sputnikglobe.com sputniknews.com", ("Sputnik", "俄罗斯卫星通讯社")),
    ("interfax.ru interfax.com", ("Interfax", "Интерфакс", "国际文传电讯社")),
    ("interfax.com.ua", ("Interfax-Ukraine", "Інтерфакс-Україна", "Интерфакс-Украина")),
    ("ukrinform.net ukrinform.ua", ("Ukrinform", "Укрінформ", "Укринформ")),
    ("unian.info unian.ua unian.net", ("UNIAN", "УНІАН", "УНИАН")),
    ("belta.by", ("BelTA", "БЕЛТА", "БелТА")),
    ("kcna.kp kcna.co.jp", ("KCNA", "Korean Central News Agency", "ЦТАК", "朝中社", "朝鮮中央通信", "조선중앙통신")),
    ("yna.co.kr", ("Yonhap", "Yonhap News Agency", "연합뉴스", "韩联社", "聯合ニュース", "Ёнхап")),
    ("newsis.com", ("Newsis", "뉴시스")),
    ("news1.kr", ("News1", "뉴스1")),
    ("kyodonews.net kyodonews.jp nordot.app", ("Kyodo", "Kyodo News", "共同通信", "共同社", "共同")),
    ("jiji.com", ("Jiji", "Jiji Press", "時事通信", "時事", "时事社")),
    ("cna.com.tw focustaiwan.tw", ("CNA", "Central News Agency", "中央社")),
    ("upi.com", ("UPI", "United Press International")),
    ("bloomberg.com", ("Bloomberg", "Bloomberg News", "彭博社", "Блумберг", "ブルームバーグ")),
    ("dpa.com dpa-international.com", ("dpa", "dpa-AFX", "Deutsche Presse-Agentur", "德新社")),
    ("apa.at", ("APA", "Austria Presse Agentur")),
    ("keystone-sda.ch", ("Keystone-SDA", "sda", "ATS")),
    ("efe.com", ("EFE", "Agencia EFE", "埃菲社")),
    ("europapress.es", ("Europa Press", "EUROPA PRESS")),
    ("ansa.it", ("ANSA",)),
    ("adnkronos.com", ("Adnkronos",)),
    ("lusa.pt", ("Lusa", "Agência Lusa")),
    ("agenciabrasil.ebc.com.br", ("Agência Brasil", "Agencia Brasil")),
    ("telam.com.ar", ("Télam", "Telam")),
    ("notimex.com", ("Notimex",)),
    ("prensa-latina.cu plenglish.com", ("Prensa Latina",)),
    ("belga.be belganewsagency.eu", ("Belga",)),
    ("anp.nl", ("ANP",)),
    ("ntb.no", ("NTB",)),
    ("tt.se", ("TT",)),
    ("ritzau.dk", ("Ritzau",)),
    ("stt.fi", ("STT",)),
    ("pap.pl", ("PAP",)),
    ("ceskenoviny.cz ctk.cz", ("ČTK", "CTK")),
    ("tasr.sk", ("TASR",)),
    ("mti.hu", ("MTI",)),
    ("agerpres.ro", ("Agerpres", "AGERPRES")),
    ("bta.bg", ("BTA", "БТА")),
    ("tanjug.rs", ("Tanjug", "Танјуг")),
    ("hina.hr", ("Hina", "HINA")),
    ("amna.gr", ("ANA-MPA", "ΑΠΕ-ΜΠΕ", "AMNA")),
    ("aa.com.tr", ("Anadolu", "Anadolu Agency", "AA", "Anadolu Ajansı", "الأناضول", "Анадолу")),
    ("dha.com.tr", ("DHA", "Demirören")),
    ("iha.com.tr", ("İHA",)),
    ("irna.ir", ("IRNA", "ایرنا", "إرنا")),
    ("tasnimnews.com", ("Tasnim", "تسنیم")),
    ("mehrnews.com", ("Mehr", "مهر")),
    ("spa.gov.sa", ("SPA", "Saudi Press Agency", "واس")),
    ("wam.ae", ("WAM", "وام")),
    ("mena.org.eg", ("MENA", "أ ش أ")),
    ("petra.gov.jo", ("Petra", "بترا")),
    ("ptinews.com", ("PTI", "Press Trust of India", "भाषा")),
    ("aninews.in", ("ANI", "एएनआई")),
    ("ians.in", ("IANS", "आईएएनएस")),
    ("app.com.pk", ("APP", "Associated Press of Pakistan")),
    ("bssnews.net", ("BSS",)),
    ("bernama.com", ("Bernama", "BERNAMA")),
    ("antaranews.com", ("Antara", "ANTARA")),
    ("vnanet.vn vietnamplus.vn", ("VNA", "TTXVN", "Vietnam News Agency")),
    ("pna.gov.ph", ("PNA", "Philippine News Agency")),
    ("pamediagroup.com pa.media", ("PA", "PA Media", "Press Association")),
    ("aap.com.au", ("AAP", "Australian Associated Press")),
    ("thecanadianpress.com", ("The Canadian Press", "Canadian Press", "La Presse Canadienne")),
    ("inform.kz", ("Kazinform", "Казинформ", "Qazinform")),
    ("newsagency.ng nannews.ng", ("NAN", "News Agency of Nigeria")),
    ("ghananewsagency.org", ("GNA", "Ghana News Agency")),
    ("aps.sn aps.dz", ("APS",)),
)

AGENCIES: Mapping[str, tuple[str, ...]] = {name: tuple(hosts.split()) for hosts, names in _SIGNATURES for name in names}
"""Name as signed -> hosts of the agency. Names of one to four letters are matched as written, case and all."""

_EDGE = 300  # characters of head and tail in which a text says whose it is
_SEPARATORS = regex.compile(r"\s*[/,;=|·:]\s*|\s+(?:and|und|et|y|e|и|i|with)\s+|\s+")
# "LONDON, June 19 (Reuters) -", "【新华社平壤6月19日电】", "/ТАСС/", "(서울=연합뉴스)", "(With inputs from ANI)"
_BRACKETED = regex.compile(r"[(\[【](?P<in>[^()\[\]【】\n]{2,80})[)\]】]|(?<!\w)/(?P<in>[^/\n]{2,40})/")


def credits_of(text: str, agencies: Mapping[str, tuple[str, ...]] = AGENCIES) -> tuple[str, ...]:
    """Names of the agencies a text is signed with, the dateline's first; () where it is signed with none.

    Only the first and last 300 characters count, and only where a name signs: in a dateline or in brackets, after a
    dash at either end, alone in the last line, after "source", "by", "©" and the like. "A spokesman told Reuters"
    signs nothing. A name that is in no list counts when it stands in a dateline: ``SEOUL, June 19 (Nordwire) -``.
    """
    head, tail = _edges(text)
    signed = _signatures(tuple(agencies))
    spelled = _by_fold(tuple(agencies))

    def listed(name: str) -> str:
        """The listed spelling: long names match in any case, short ones (AP, PA, dpa) only as written."""
        return name if name in agencies or len(name) <= 4 else spelled.get(spelling(name), name)

    names: list[str] = []
    dateline = datelines.SIGNED.search(head)
    if dateline:
        names.append(listed(dateline["name"]))
    for edge in (head, tail):
        for bracket in _BRACKETED.finditer(edge):
            inside = bracket["in"].strip()
            names.extend(name for name in map(listed, [inside, *_SEPARATORS.split(inside)]) if name in agencies)
            names.extend(listed(match["name"]) for match in signed["start"].finditer(inside))
    for place, edge in (("start", head), ("dash", head), ("by", head), ("end", tail), ("by", tail)):
        names.extend(listed(match["name"]) for match in signed[place].finditer(edge))
    return tuple(dict.fromkeys(names))


def is_outlet(name: str, source: str | None, agencies: Mapping[str, tuple[str, ...]] = AGENCIES) -> bool:
    """Whether `source`, a host or an outlet's name, is the agency that signs as `name`.

    A listed name is looked up. Any other is compared with the words of the source: all of them (Nordwire), the first
    (``Nord`` of Nord Wire, where it has four letters or more), or their initials (``NW``).
    """
    if not source:
        return False
    source = spelling(source).removeprefix("www.")
    hosts = agencies.get(name)
    if hosts and any(source == host or source.endswith("." + host) for host in hosts):
        return True
    squashed = bare(name)
    if len(squashed) < 2:
        return False
    if "." in source and " " not in source:
        source = source.rsplit(".", 1)[0]
    parts = [bare(word) for word in regex.split(r"[\s.-]+", source) if bare(word)]
    whole = "".join(parts)
    if squashed == whole or squashed in source.split("."):
        return True
    if hosts:  # initials and beginnings of a listed name are too many to be told apart
        return False
    return squashed == "".join(word[0] for word in parts) or (len(squashed) >= 4 and whole.startswith(squashed))


def _edges(text: str) -> tuple[str, str]:
    lines = [normalise(line) for line in (text[: 2 * _EDGE] + "\n").splitlines()]
    head = "\n".join(line for line in lines if line)[:_EDGE]
    lines = [normalise(line) for line in text[-2 * _EDGE :].splitlines()]
    return head, "\n".join(line for line in lines if line)[-_EDGE:]


@lru_cache(maxsize=8)
def _by_fold(names: tuple[str, ...]) -> dict[str, str]:
    return {spelling(name): name for name in names if len(name) > 4}


@lru_cache(maxsize=8)
def _signatures(names: tuple[str, ...]) -> dict[str, regex.Pattern[str]]:
    exact = [regex.escape(normalise(name)) for name in names if len(name) <= 4]
    loose = [regex.escape(normalise(name)) for name in names if len(name) > 4]
    alternatives = "|".join(sorted([*exact, *(f"(?i:{name})" for name in loose)], key=len, reverse=True))
    name = rf"(?P<name>{alternatives})"
    whole = rf"(?<![\p{{L}}\p{{N}}]){name}(?![\p{{L}}\p{{N}}])"
    return {
        # "AFP - The", "Reuters | ", and Chinese datelines, which go on without a blank: 新华社平壤6月19日电
        "start": regex.compile(rf"\A(?:{whole}\s*[-|:]|{name}(?=[^\n]{{0,16}}[电電]))"),
        # "МОСКВА, 19 июн - РИА Новости."
        "dash": regex.compile(rf"\A[^\n]{{3,60}}?\s-\s{whole}\s*[.,:-]"),
        # the last words: "... in the war. - AFP", "... dissent. AFP", a line of its own; "Xinhua/Wu Yue"
        "end": regex.compile(rf"(?:^|[.!?\"'»]\s|-\s?){whole}[\s.)]*\Z", regex.MULTILINE),
        # "© 2025 AFP", "Source: Xinhua", "Reporting by Reuters", "By Matthew Lee, AP Diplomatic Writer"
        "by": regex.compile(
            rf"(?:©|\(c\)|(?<!\p{{L}})(?:(?i:{any_of('source', spaced=True)})))[^\n.]{{0,40}}?"
            rf"{whole}|(?:{any_of('source', spaced=False)})\s*:?\s*{name}"
            rf"|{whole}(?=\s(?:writer|journalist|reporter|contributed)\b)"
        ),
    }
