"""Which of the signs between names part them, and which stand within one."""

from __future__ import annotations

import pytest

from pipeline.text import names


@pytest.mark.parametrize(
    ("line", "language", "expected"),
    [
        ("José Ortega y Gasset", "es", ["José Ortega y Gasset"]),
        ("Santiago Ramón y Cajal y Ada Byron", "es", ["Santiago Ramón y Cajal", "Ada Byron"]),
        ("Ada Byron, José Ortega y Gasset y Bo Lind", "es", ["Ada Byron", "José Ortega y Gasset", "Bo Lind"]),
        ("Ana y Luis García", "es", ["Ana", "Luis García"]),
        ("Josep Puig i Cadafalch", "ca", ["Josep Puig i Cadafalch"]),
        ("Jan Nowak i Ewa Lis", "pl", ["Jan Nowak", "Ewa Lis"]),
        ("António Costa e Silva", "pt", ["António Costa e Silva"]),
        ("Ada Rossi e Bo Verdi", "it", ["Ada Rossi", "Bo Verdi"]),
        ("Karl von und zu Aue", "de", ["Karl von und zu Aue"]),
        ("Ana und Bernd Aue", "de", ["Ana", "Bernd Aue"]),
        ("Ada Byron in Aro and Bo Lind in Belt", "en", ["Ada Byron in Aro", "Bo Lind in Belt"]),
        ("Ada Byron and Bo Lind in Belt", "en", ["Ada Byron", "Bo Lind in Belt"]),
        ("Ada Byron in New York and Los Angeles", "en", ["Ada Byron in New York and Los Angeles"]),
        ("Anna Berg in Aro und Bo Lind in Belt", "de", ["Anna Berg in Aro", "Bo Lind in Belt"]),
        ("Anne Moreau à Aro et Bo Lind à Belt", "fr", ["Anne Moreau à Aro", "Bo Lind à Belt"]),
        ("Jan de Wit en Piet van der Berg", "nl", ["Jan de Wit", "Piet van der Berg"]),
        ("Ana Lima en Buenos Aires", "es", ["Ana Lima en Buenos Aires"]),
        ("Ana Lima, Bo Lind, and Cy Dow", None, ["Ana Lima", "Bo Lind", "Cy Dow"]),
        ("Ana Lima, PhD, and Bo Lind", None, ["Ana Lima, PhD", "Bo Lind"]),
        ("Martin King, Jr.", None, ["Martin King, Jr."]),
        ("Kumar a/l Raju", None, ["Kumar a/l Raju"]),
        ("弗拉基米尔·普京", "zh", ["弗拉基米尔·普京"]),
        ("张伟 李娜", "zh", ["张伟", "李娜"]),
        ("김민수·이영희 기자", "ko", ["김민수", "이영희 기자"]),
        ("山田 太郎", "ja", ["山田 太郎"]),
        ("Ada Ek och Bo Ek", "sv", ["Ada Ek", "Bo Ek"]),
        ("Ayşe Ak ve Can Er", "tr", ["Ayşe Ak", "Can Er"]),
        ("Ministerium für Verkehr und Klima", "de", ["Ministerium für Verkehr und Klima"]),
    ],
)
def test_split(line: str, language: str | None, expected: list[str]) -> None:
    assert names.split(line, language) == expected


@pytest.mark.parametrize(
    ("line", "turned", "expected"),
    [
        ("Ahumada Sempoal, Miguel", True, ["Miguel Ahumada Sempoal"]),
        ("Byron, Ada", True, ["Ada Byron"]),
        ("Byron, Ada", None, ["Ada Byron"]),
        ("Byron, Ada", False, ["Byron", "Ada"]),
        ("Byron, Ada M.", None, ["Ada M. Byron"]),
        ("van der Berg, Jan", None, ["Jan van der Berg"]),
        ("Byron, Ada; Lind, Bo", None, ["Ada Byron", "Bo Lind"]),
        ("Ada Byron, Bo Lind", True, ["Ada Byron", "Bo Lind"]),
        ("Ada Byron, Bo Lind", None, ["Ada Byron", "Bo Lind"]),
        ("Ada Byron, Berlin", None, ["Ada Byron", "Berlin"]),
        ("dpa, Reuters", None, ["dpa", "Reuters"]),
        ("King, Jr.", None, ["King, Jr."]),
    ],
)
def test_the_familys_name_may_come_first(line: str, turned: bool | None, expected: list[str]) -> None:
    assert names.split(line, turned=turned) == expected


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("Ada Byron in Moscow", None, "Ada Byron"),
        ("Ada Byron aus Kiew", "de", "Ada Byron"),
        ("Ada Byron en Moscú", "es", "Ada Byron"),
        ("Ada Byron à Moscou", "fr", "Ada Byron"),
        ("Анна Иванова в Москве", "ru", "Анна Иванова"),
        ("Ada Rossi a Mosca", "it", "Ada Rossi"),
        ("Josep Puig i Cadafalch", None, "Josep Puig i Cadafalch"),
        ("Leonardo da Vinci", "it", "Leonardo da Vinci"),
        ("Ada Byron, PhD", None, "Ada Byron"),
        ("Martin King, Jr.", None, "Martin King, Jr."),
        ("In Moscow", None, "In Moscow"),
    ],
)
def test_what_follows_a_name(name: str, language: str | None, expected: str) -> None:
    assert names.without_tail(name, language) == expected


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Ursula von der Aue", True),
        ("José Ortega y Gasset", True),
        ("Gabriele d'Este", True),
        ("Miguel Ángel de la Torre", True),
        ("the Ferry Office", False),
        ("Leiterin der Anstalt", False),
        ("김민수", True),
    ],
)
def test_what_a_name_looks_like(name: str, is_one: bool) -> None:
    assert names.is_person(name) is is_one
