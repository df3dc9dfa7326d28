"""The sentences that stand under a headline: an article's own, whole, up to the first plea."""

from __future__ import annotations

import pytest

from pipeline import digests
from pipeline.digests.summaries import cited
from tests.support.digest_cases import article

PROSE = "The visit shows how much Moscow depends on Pyongyang. It will be raised at the summit in July."


@pytest.mark.parametrize(
    "before",
    [
        "",
        "World\nHeadline\nJens Stoltenberg spoke beside the secretary of state.\nWASHINGTON, June 18 (Halcyon) — ",
        "Headline\nBy Ana Lima\nJune 18, 2024\n",
        "Bitte anschnallen!\n",
        "Subscribe to our newsletter and never miss a story of ours.\n",
        "SEOUL, June 19 (Halcyon)–",
        "Moskau, 19. Juni /Halcyon/ - ",
        "SEOUL, 19. Juni (Halcyon) – ",
        "CIUDAD DE MÉXICO, 20 jun (Halcyon) — ",
        "Руководители заслушали гимны.\nПХЕНЬЯН, 19 июня. /Халкион/. ",
        "(Corrects number of items to 243, not 234, in paragraph 4)\n",
        "BEIJING, June 19 ",
        "PYONGYANG — ",
        "【环球社平壤6月19日电】",
        "(서울=하늘통신) 김하늘 기자 = ",
    ],
)
def test_a_summary_begins_with_the_articles_own_prose(before: str) -> None:
    assert digests.summary("Headline", before + PROSE) == PROSE


def test_a_summary_keeps_what_only_looks_like_boilerplate() -> None:
    assert digests.summary("Headline", "Headline") == "Headline"
    assert digests.summary("T", "Mr. Kim said on June 19 - a Wednesday - that it was done.").startswith("Mr. Kim")
    assert digests.summary("T", f"{PROSE}\nIt was so.\nWorld") == f"{PROSE} It was so."
    assert digests.summary("T", "") == ""
    about = "Subscribers of the phone network rose by a tenth. The company follows its plan to sign up a million."
    assert digests.summary("T", about) == about


@pytest.mark.parametrize(
    "plea",
    [
        "Subscribe to our newsletter for more.",
        "Sign up for the morning briefing in your inbox.",
        "Follow us on Telegram.",
        "All rights reserved by Halcyon Wire.",
        "Reporting by Ana Lima; editing by Bo Chen.",
        "Read more: What the pact means.",
        "Already a subscriber? Log in.",
        "Abonnieren Sie unseren Newsletter.",
        "Abonnez-vous pour lire la suite.",
        "Suscríbete para seguir leyendo.",
        "Подписывайтесь на наш канал.",
        "この記事は有料会員限定です。",
        "무단 전재 및 재배포 금지.",
        "版权所有，未经授权不得转载。",
    ],
)
def test_a_summary_stops_before_what_the_outlet_says_of_itself(plea: str) -> None:
    first = "Putin and Kim signed a treaty in Pyongyang on Wednesday."
    assert digests.opening("T", f"{first} {plea} The talks took two hours.") == [first]
    assert digests.opening("T", f"{first}\n{plea}\nThe talks took two hours.") == [first]


def test_a_summary_is_measured_in_sentences_in_any_script() -> None:
    chinese = "普京抵达平壤，金正恩到机场迎接。\n两人同车离开。街上有人群。次日签约。"
    assert digests.summary("T", chinese) == "普京抵达平壤，金正恩到机场迎接。两人同车离开。街上有人群。"
    korean = "두 정상은 정원에서 한 시간 동안 산책했다. 통역만 함께했다. 회담은 두 시간이었다. 끝났다."
    assert digests.opening("T", korean)[:2] == ["두 정상은 정원에서 한 시간 동안 산책했다.", "통역만 함께했다."]
    long = f"The treaty, which {'in its many clauses ' * 12}binds both, was signed. It has 23 articles."
    assert digests.summary("T", long) == long, "a sentence of 260 letters is one sentence"


def test_what_has_no_end_is_cut_at_a_word() -> None:
    found = digests.summary("T", "word " * 400)
    assert found.endswith("word…")
    assert len(found) <= 601


def test_an_end_that_was_cut_off_is_left_out() -> None:
    assert digests.opening("T", f"{PROSE} The talks took two ho")[-1] == "It will be raised at the summit in July."


def test_the_third_sentence_is_another_outlets_and_says_something_else() -> None:
    lead = article(1, "wire", lead="Putin and Kim signed a treaty in Pyongyang. It has 23 articles. It is long.")
    same = article(2, "paper", lead="Kim and Putin signed a treaty in Pyongyang. It has 23 articles, it says.")
    other = article(3, "view", country="SG", lead="Seoul's security council convened an emergency session.")
    copy = article(4, "copy", lead="Markets in Tokyo fell sharply after the noon break.", copy_of=1)
    foreign = article(5, "pampero", language="es", lead="Los mercados de Buenos Aires subieron ayer.")
    found = cited(lead, [lead, same, foreign, copy, other])
    assert [(each.article_id, each.text) for each in found] == [
        (1, "Putin and Kim signed a treaty in Pyongyang."),
        (1, "It has 23 articles."),
        (3, "Seoul's security council convened an emergency session."),
    ]
    assert len(cited(lead, [lead, same, foreign, copy])) == 2


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("KYIV While bands played, rescuers were at work.", "While bands played, rescuers were at work."),
        ("HONG KONG Markets fell by the close on Friday.", "Markets fell by the close on Friday."),
        (
            "NATO Secretary General Stoltenberg spoke on Tuesday.",
            "NATO Secretary General Stoltenberg spoke on Tuesday.",
        ),
        ("UNESCO Paris office said nothing of the kind.", "UNESCO Paris office said nothing of the kind."),
        ("SEOUL and Tokyo said that they would answer.", "SEOUL and Tokyo said that they would answer."),
    ],
)
def test_a_city_in_capitals_is_passed_over_and_an_acronym_is_not(text: str, first: str) -> None:
    assert digests.opening("A headline", text) == [first]
