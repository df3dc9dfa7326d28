"""What a text reports: names and numbers that are not the outlet's."""

from __future__ import annotations

import pytest

from pipeline.extraction import notices, reports


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("The fee is 2,000.50 crowns, says Ina Holm of Belt.", "en", {"2,000.50", "ina holm", "belt"}),
        ("Download the Harbour Post app.", "en", set()),
        ("Die Kasse von Aro zahlt 40 Kronen.", "de", {"40"}),
        ("Please wait. We check your browser.", "en", set()),
        ("アロで8月から40人が働く。", "ja", {"8", "40"}),
    ],
)
def test_names_and_numbers_that_are_not_the_outlets(text: str, language: str, told: set[str]) -> None:
    assert reports.told(text, language, frozenset({"harbour", "post"})) == told


@pytest.mark.parametrize(
    "line",
    [
        "nginx/1.18.0 (Ubuntu)",
        "ferry.html 12-Mar-2023 07:45 18233",
        "old-quay.html",
        "Reference 18.5a3c1202.1718790000.1a2b3c4d",
        "Error in /var/www/html/index.php:17",
        "Attack ID: 20000051",
        "Incident 543212345678901",
    ],
)
def test_a_servers_own_line_is_no_prose(line: str) -> None:
    assert notices.of_machine(line)
    assert notices.share(line) == 1.0


@pytest.mark.parametrize(
    "line",
    [
        "ISBN 9783453580565, 448 pages",
        "Read more at https://harbour.example/news/ferry-resumes.html",
        "The port of Aro opened on 19/06/2024 14:05 after 11 weeks.",
        "Call 555-0100 by 30 June 2024.",
    ],
)
def test_prose_with_numbers_and_addresses_is_no_servers_line(line: str) -> None:
    assert not notices.of_machine(line)
