"""Whether two pages that name one address are one article."""

from __future__ import annotations

import pytest

from pipeline.extraction.sameness import Told, one_article

FERRY = "\n".join(
    (
        "The ferry between the islands of Aro and Belt resumed service on Wednesday morning after a long repair.",
        "Captain Lena Moor said that the crew had tested both engines for three days before passengers came on board.",
        "Fishermen from Belt had complained since April that their catch could not reach the market before noon.",
        "The regional council will decide in September whether a second vessel should be bought for the two islands.",
    )
)
MAYOR = "\n".join(
    f"The mayor of Belt resigned after the council had rejected her budget, its {rank} reader said on Tuesday evening."
    for rank in ("first", "second", "third", "fourth")
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Told(["Ferry resumes service"], FERRY), Told(["Ferry back after repair"], f"{FERRY}\nMore soon."), True),
        (Told(["Ferry resumes service"], FERRY), Told(["Mayor steps down"], MAYOR), False),
        (Told(["Morning briefing"], FERRY), Told(["Morning briefing"], MAYOR), False),
        (Told(["Ferry resumes service"], FERRY), Told(["Ferry resumes service"], "A teaser."), True),
        (Told(["Ferry resumes service"], FERRY), Told(["FERRY RESUMES SERVICE – Harbour Post"]), True),
        (Told(["Ferry resumes service"], FERRY), Told(["Ferry between Aro and Belt resumes its service"]), True),
        (Told(["Ferry resumes service"], FERRY), Told(["Mayor of Belt steps down"]), False),
        (Told(["Ferry resumes service"], FERRY), Told(["Mayor of Belt steps down", "Ferry resumes"]), True),
        (Told(["Markets on 19 June"]), Told(["Markets on 20 June"]), False),
        (Told(["여객선 운항 재개"]), Told(["시장 사임"]), False),
        (Told(["여객선 운항 재개"]), Told(["[속보] 여객선 운항 재개"]), True),
        (Told(["Ferry resumes service"], FERRY), Told([]), True),
        (Told(["Ferry resumes service"], FERRY), Told([""]), True),
    ],
)
def test_texts_decide_where_both_are_known_and_titles_elsewhere(one: Told, other: Told, same: bool) -> None:
    assert one_article(one, other) is one_article(other, one) is same
