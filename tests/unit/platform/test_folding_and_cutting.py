# ruff: noqa: RUF001 - characters that look alike are what this module tries
"""What people take for the same word folds alike, and no text is cut inside what they see as one character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.platform.text.folding import folded
from marketplace.platform.text.graphemes import cut


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("da nang", "Đà Nẵng"),
        ("smorrebrod", "Smørrebrød"),
        ("lodz", "Łódź"),
        ("istanbul", "İstanbul"),
        ("isik", "Işık"),
        ("aether", "Æther"),
        ("strasse", "STRAẞE"),
        ("don't", "don’t"),
        ("don't", "don´t"),
        ("don't", "don`t"),
        ("don't", "donʼt"),
        ("don't", "don＇t"),
        ("don't", "don‘t"),
        ('"now"', "„now“"),
        ('"now"', "«now»"),
        ("24-7", "24–7"),
        ("24-7", "24‑7"),
        ("❤", "❤️"),
        ("❤", "❤︎"),
        ("👩👧", "👩‍👧"),
        ("coop", "co\u00adop"),
        ("fine", "ﬁne"),
        ("no 1", "№ １"),
        ("tokyo", "Ｔｏｋｙｏ"),
        ("ελλαδα", "ΕΛΛΆΔΑ"),
        ("елка", "Ёлка"),
        ("гыз", "Ғыз"),
    ],
)
def test_every_usual_way_to_type_a_word_folds_alike(typed: str, written: str) -> None:
    assert folded(typed) == folded(written)


@pytest.mark.parametrize(("one", "other"), [("ñu", "mu"), ("的", "得"), ("हिन्दी", "हन्द"), ("♥", "♡"), ("a b", "ab")])
def test_other_words_stay_other_words(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)


WHOLE = [
    "👨‍👩‍👧‍👦",
    "👍🏽",
    "🇮🇩",
    "❤️",
    "1️⃣",
    "é",
    "q̣̇",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "각",
    "각",
    "क्षि",
    "นี้",
    "\r\n",
]


@pytest.mark.parametrize("whole", WHOLE, ids=ascii)
def test_what_is_seen_as_one_character_stays_or_goes_as_one(whole: str) -> None:
    text = f"ab{whole}{whole}c"
    for longest in range(1, len(text) + 1):
        assert cut(text, longest) in {"a", "ab", f"ab{whole}", f"ab{whole * 2}", text}


def test_flags_are_counted_in_pairs() -> None:
    assert cut("🇮🇩🇳🇱🇩🇪", 5) == "🇮🇩🇳🇱"


def test_a_cut_takes_as_much_as_fits() -> None:
    assert cut("x" * 300, 200) == "x" * 200
    assert cut("日" * 300, 200) == "日" * 200
    assert len(cut("e" + "\u0301" * 300, 200)) == 200


@given(st.text(max_size=40), st.integers(min_value=1, max_value=40))
def test_a_cut_is_a_beginning_no_longer_than_it_may_be(text: str, longest: int) -> None:
    assert text.startswith(cut(text, longest))
    assert len(cut(text, longest)) <= longest
