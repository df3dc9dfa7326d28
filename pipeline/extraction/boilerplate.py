"""Lines of an extracted text that belong to the site and not to the article.

What extraction leaves behind between paragraphs: links to other articles ("Lea también: ...", "Mehr zum Thema"), calls
to subscribe or to follow, notices of rights, credits of pictures, labels of buttons. Each pattern names one habit of
news pages, in the languages of the feeds; a line that an agency signs stays, because copies are traced by it.
"""

from __future__ import annotations

import re

from pipeline.text import agencies

# "Read also": a cue that opens a line. A line goes on as a headline does, without a full stop, or after a colon.
_SEE_ALSO = re.compile(
    r"""[\W_]*(?:
    read\s(?:more|also|next)|also\sread|see\salso|more\son\sthis|recommended(?=\s*:|\s*$)|don['’]t\smiss(?=\s*:)
    |related(?:\s(?:stories|articles?|story|news|content|topics|posts))?(?=\s*:|\s*$)
    |lesen\ssie\s(?:auch|hier|mehr|dazu)|lies\sauch|mehr\s(?:zum\sthema|dazu|themen|lesen)|mehr\szu\b[^.]*(?::|$)
    |(?:mehr|weitere)\s(?:\w+\s)?(?:informationen|infos|artikel|beiträge|meldungen|nachrichten|themen|links|news)
    |schon\sgelesen\?|(?:passend\sdazu|auch\sinteressant|zum\sthema|siehe\sauch)(?=\s*:|\s*$)
    |das\skönnte\s(?:sie|dich|euch)\s(?:auch\s)?(?:interessieren|gefallen)
    |(?:empfohlene|ähnliche|verwandte)\s(?:beiträge|artikel|themen)
    |(?:à\s)?lire\saussi|à\slire(?=\s*:|\s*$)|voir\saussi|sur\sle\smême\s(?:sujet|thème)|articles?\sliés
    |(?:lea|lee|leé|vea|ve|mira|mire|puedes?\sver|puedes?\sleer)(?=\s*[:|])
    |(?:lea|lee|leé|vea|mira|mire)\s(?:también|además|más|aquí)|(?:le|te)\s(?:puede|podría)\sinteresar
    |(?:notas?|noticias?)\srelacionadas?|leggi\sanche|(?:ti\s)?potrebbe(?:ro)?\sinteressar[et]i?
    |(?:leia|veja)\s(?:também|mais)|saiba\smais|(?:notícias|matérias)\srelacionadas
    |(?:czytaj|zobacz|przeczytaj)\s(?:też|także|również|więcej)|dowiedz\ssię\swięcej
    |(?:читайте|смотрите)\s(?:также|ещё|еще)|читать\sтакже|по\sтеме(?=\s*:|\s*$)|материалы\sпо\sтеме
    |lees\sook|läs\s(?:också|även|mer)|l[æe]s\sogså|lue\smyös
    |関連記事|あわせて読みたい|관련\s?기사|相关(?:新闻|阅读|报道)|相關(?:新聞|報導)|延伸(?:閱讀|阅读)
    )(?!\w)(?P<rest>.*)$""",
    re.IGNORECASE | re.VERBOSE,
)
# Calls to subscribe, follow, write or pay. Newsrooms write of newsletters and channels too, so that only an appeal
# to the reader counts: an imperative, or "our".
_APPEAL = re.compile(
    r"""(?:^|[.!?¡¿]\s?)(?:please\s)?(?:
     (?:sign\s?up|subscribe|register)\s(?:\w+\s){0,3}(?:to|for|here|today|free)\b
    |get\s.{3,60}\bby\se-?mail\b|never\smiss\s|download\sthe\s.{0,50}\bapps?\b
    |(?:follow|join|like)\s(?:us|me|the|our)\b.{0,60}\b(?:on|at)\s(?:twitter|x|facebook|instagram|telegram|whatsapp|google)
    |(?:submit|send|write)\s(?:us\s)?(?:a|your)\s(?:letter|message|tip)
    |(?:folgen\ssie|folgt|folge)\s(?:uns|mir)\b|unterstützen\ssie\s(?:unsere\sarbeit|uns\s(?:mit|durch))
    |(?:suscr[ií]be|inscr[ií]be|sígue|síga|únete)\w*\b.{0,60}(?:newsletter|bolet|canal|facebook|twitter|instagram|telegram|whatsapp|enlace)
    |abonnez-vous|inscrivez-vous|(?:assine|inscreva-se|siga-nos|siga\so)\b|wesprzyj\snas|iscriviti\s(?:alla|al)\b
    |подпи(?:сывайтесь|шитесь|сывайся)\b|abonnieren\ssie\b|구독하기|チャンネル登録
    )
    |\b(?:to|for)\s(?:view|read|see|access|the)?\s?(?:the\s)?full\s(?:story|article)\b.{0,40}(?:subscribe|sign|log)
    |^subscribe\b.{0,60}\bfull\sstory|already\sa\ssubscriber|consider\s(?:supporting|donating)|support\sour\swork
    |\b(?:nuestro|unser|unserem|our|notre|nosso|nostro|наш)\s(?:канал|canal\w*|kanal|channel)\b.{0,20}(?:youtube|telegram|whatsapp)
    |\bcanal\sde\s(?:telegram|whatsapp|youtube)\b.{0,40}(?:únete|enlace|suscr)
    |newsletter\W{0,3}(?:anmelden|abonnieren|bestellen)|we\smay\s(?:receive|earn)\s.{0,30}(?:commission|compensation)
    |affiliate[\s-]links?|what\syou\sthink\sabout\sthis\s(?:article|story)""",
    re.IGNORECASE | re.VERBOSE,
)
_RIGHTS = re.compile(
    r"^\W*(?:©|\(c\)\s|copyright\b|all\srights\sreserved|alle\srechte\svorbehalten|tous\sdroits\sréservés"
    r"|todos\slos\sderechos|todos\sos\sdireitos|tutti\si\sdiritti|wszelkie\sprawa|все\sправа|our\sstandards:\sthe\sthomson"
    r"|sofern\snicht\sanders\sausgewiesen)|all\srights\sreserved\W*$|copyrighted\sproperty",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\W*(?:(?:titel|beitrags|artikel|symbol|vorschau)?bild(?:quelle|nachweis|rechte)?|fotos?(?:/illustration)?"
    r"|photos?(?:\scredits?)?|images?(?:\scredits?)?|fot\.|zdj(?:ęcie|\.)|cr[ée]dits?\s(?:photos?|images?)|фото|사진|写真)"
    r"\s?[:©/].{0,110}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"""[\s>*•·–-]*(?:inhaltsverzeichnis|table\sof\scontents|keine\skommentare(?:\s\(.*)?|\d*\s?kommentare?|\d*\s?comments?
    |(?:bild|foto)\s(?:anzeigen|vergrößern)|temas|tags?|schlagwörter|schlagworte|stichwörter
    |anzeige|werbung|advertisement|sponsored|publicidad|publicité|pubblicità|publicidade|reklama?|реклама|広告|광고|广告
    |(?:anzeige|werbung)\s?[-–:.,|]\s?.{0,60}|ten\stekst\sprzeczytasz.{0,40}|lesezeit\b.{0,20}|\d+[\s-]min(?:ute)?s?\sread
    |(?:letzte|last)\s(?:änderung|aktualisierung|modified|updated?)\b.{0,60}|video\sverfügbar\sbis.{0,20}
    |teilen|share(?:\sthis.{0,20})?|drucken|print|compartir|compartilhe|partager|condividi|поделиться|공유하기
    |zum\snewsletter.{0,20}|ansprechpartner(?:in)?(?:\szum\sthema)?)[\s:.!…]*""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_LINK = 200  # characters of a cue with the headline it points to
_LONGEST_APPEAL = 280  # of a call to subscribe or a notice of rights: two sentences
_LINKS = 8  # headlines that a bare cue ("Related articles") may be followed by
_MOST = 0.3  # share of a text above which the lines are the article after all


def without_site_lines(text: str) -> str:
    """The text without lines of the site; as it is where they would be more than three tenths of it."""
    lines = text.split("\n")
    kept: list[str] = []
    links = 0
    for line in lines:
        stripped = line.strip()
        if stripped and links and _is_headline(stripped):
            links -= 1
            continue
        links = links if not stripped else 0
        cue = _cue(stripped)
        if cue is not None:
            links = _LINKS if not cue else 0
        elif not _is_notice(stripped):
            kept.append(line)
    shorter = "\n".join(kept).strip()
    return shorter if len(shorter) >= (1 - _MOST) * len(text) else text


def _cue(line: str) -> str | None:
    """What a link to another article says after its cue, empty for a bare cue; None where the line is none."""
    match = _SEE_ALSO.match(line) if len(line) < _LONGEST_LINK else None
    if match is None:
        return None
    rest = match["rest"].strip()
    if rest.endswith(".") and not rest.startswith((":", "|")):  # prose: "Weitere Informationen erteilt die Behörde."
        return None
    return rest.strip(" :|.…-–?!")


def _is_notice(line: str) -> bool:
    if not line or len(line) > _LONGEST_APPEAL:
        return False
    if _LABEL.fullmatch(line) or _CREDIT.fullmatch(line) or _APPEAL.search(line):
        return True
    return bool(_RIGHTS.search(line)) and not agencies.credits_of(line)


def _is_headline(line: str) -> bool:
    """Whether a line reads as a link to an article: short, and not a sentence."""
    return len(line) < 160 and line[-1] not in '.!?…"”»“)。'
