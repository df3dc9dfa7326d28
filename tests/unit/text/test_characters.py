"""What every text from outside is cleaned of, where it enters, and what of real writing must stay as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import characters, words

KINDS = (characters.title, characters.name, characters.prose, characters.note)
BOUNDS = {
    characters.title: characters.MAX_TITLE,
    characters.name: characters.MAX_NAME,
    characters.prose: characters.MAX_PROSE,
    characters.note: characters.MAX_NOTE,
}
odd = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\0\x1b\x85\x9b\u200d\u200f\u202e\u2066\u2069\u2028\ufffe\ud800\r\n\t \u0301\u0489\u0fb1"),
    ),
    max_size=60,
)

WRITTEN = {
    "Thai": "ที่นี่ผู้ใหญ่ปั๊มน้ำ",
    "Vietnamese, written apart": unicodedata.normalize("NFD", "Nguyễn Thị Hường ở Huế được bổ nhiệm"),
    "Hebrew with points and cantillation": "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם וְאֵ֥ת הָאָֽרֶץ׃",
    "Arabic with vowels": "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ وَٱلضُّحَىٰ ۚ هُدًۭى لِّلْمُتَّقِينَ",
    "Arabic and Hebrew with marks of direction": "\u200fשלום\u200f (AP) \u200e123 \u061c٪۵۰",
    "Persian with its joiner": "می\u200cخواهم نیم\u200cفاصله",
    "Hindi": "प्रधानमंत्री ने कार्यकर्ताओं से क्षत्रिय र्\u200dय",
    "Vedic": "अ॒ग्निमी॑ळे पु॒रोहि॑तं य॒ज्ञस्य॑",
    "Tibetan, with its largest stack": "བོད་ཡིག ༀམཎིཔདྨེཧཱུྃ ཧྐྵྨླྺྼྻྂ རྒྱལ་པོ",
    "Burmese": "မြန်မာနိုင်ငံ ကြွေးကြော်သံများ",
    "Khmer": "ព្រះរាជាណាចក្រកម្ពុជា",
    "Malayalam": "അദ്ധ്യാപകന്‍ ക്ഷ്മ്യ",
    "phonetic": "t̪͡ʃʰ ẽ̞̃ ʊ̯̈",
    "emoji": "👩\u200d👩\u200d👧\u200d👦 1️⃣ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 🤦🏽\u200d♂️",
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("script", WRITTEN)
def test_what_people_write_stays(kind: object, script: str) -> None:
    assert kind(WRITTEN[script]) == WRITTEN[script]  # type: ignore[operator]


@given(odd)
def test_what_comes_out_can_be_kept_and_shown_and_comes_out_the_same_again(text: str) -> None:
    for kind in KINDS:
        clean = kind(text)
        assert kind(clean) == clean
        clean.encode("utf-8")
        assert len(clean) <= BOUNDS[kind]
        allowed = "\n\t" if kind in (characters.prose, characters.note) else ""
        wrong = [c for c in clean if unicodedata.category(c) in ("Cc", "Cs") and c not in allowed]
        assert not wrong
        assert not set(clean) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Talks\0 end\ud800", "Talks end"),
        ("Talks\nend\u2028\u2029today\x85now", "Talks end today now"),
        ("gnp.\u202eexe\u202c \u2067ab\u2069", "gnp.exe ab"),
        ("\x1b[31mred\x9b0m", "[31mred0m"),
        ("T" + "\u0301" * 500, "T" + "\u0301" * 4),
        ("T" + "\u0301\u200d" * 500, "T" + "\u0301\u200d" * 2),
        ("T" + "\u0301\u0e34" * 500, "T" + "\u0301\u0e34" * 4),
    ],
)
def test_a_line(written: str, read: str) -> None:
    assert characters.title(written) == characters.name(written) == read


def test_a_longer_text_is_cut_and_says_so() -> None:
    assert characters.title("word " * 500_000) == ("word " * 100).rstrip() + "…"
    assert characters.name("x" * 2_500_000) == "x" * (characters.MAX_NAME - 1) + "…"
    assert characters.prose(" a\r\nb\tc\x0bd \n") == "a\nb\tc\nd"
    assert len(characters.prose("x" * 2_500_000)) == characters.MAX_PROSE
    assert characters.title("\n" * 1_000_000 + "Talks end") == "Talks end"


def test_a_word_of_any_length_is_counted_by_its_beginning() -> None:
    made = words.words(f"{'x' * 2_900} {'a.' * 2_900} {'1,000' + ',000' * 2_900} ก{'ิ' * 2_900}")
    assert "x" * characters.MAX_TERM in made
    # A bigram holds two units.
    assert max(map(len, made)) <= 2 * characters.MAX_TERM
