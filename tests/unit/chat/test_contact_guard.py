"""Contact details are masked, and what only looks like them is not."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.chat.contact_guard import MASK, masked

SENTENCES: Final = [
    line.split("\t", 1)
    for line in Path(__file__).with_name("contact_sentences.tsv").read_text("utf-8").removesuffix("\n").split("\n")
]
"""Made-up sentences, each after what it is: ``contact`` if it hands over contact details, else ``none``."""
RECALL: Final = 0.95
"""The share of contact details that must at least be found."""
MOST_DIGITS_LEFT: Final = 4


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("WA saya 0812-3456-7890 ya", f"WA saya {MASK} ya"),
        ("call +44 20 7946 0958 or 0044 20 7946 0958", f"call {MASK} or {MASK}"),
        ("nol delapan satu dua, tiga empat lima enam tujuh delapan sembilan nol", MASK),
        ("zero eight double one two three four five six seven", MASK),
        ("0 8 1 2 . 3 4 5 6 _ 7 8 9 0", MASK),
        ("０８１２３４５６７８９０", MASK),  # noqa: RUF001 - wide digits are meant
        ("0812\u200b3456\u200b7890", MASK),
        ("kamar 1205, 62 812 3456 7890", f"kamar 1205, {MASK}"),
        ("(0361) 975123", f"({MASK}"),
        ("my insta @ayu.spa, ayu@gmail.com", f"my insta {MASK}, {MASK}"),
        ("ayu (at) gmail.com / https://x.example/a?b#c / wa.me/628123", f"{MASK} / {MASK} / {MASK}"),
        ("lihat tokoayu.co.id/menu!", f"lihat {MASK}"),
    ],
)
def test_contact_details_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Rp 850.000 - 900.000, DP 1.250.000",
        "IDR 350,000 for 90 minutes, 60/90/120 available",
        "08.30-10.00 or 08:00 08:30 09:00 09:30",
        "08-12-2026 10:30, 2026-12-08 10:30-12:00, 8/12/2026 sampai 9/12/2026",
        "Villa 8 no. 12, RT 03/05, kamar 1205, Jl. Raya Ubud 88, 80571",
        "-8.506900, 115.262500",
        "8, 9, 10, 11, 12, 13 orang",
        "Satu, dua, atau tiga jam? Dua orang ya.",
        "e.g. a.m. and p.m. @ 5",
    ],
)
def test_prices_dates_times_places_and_counts_stay(text: str) -> None:
    assert masked(text) == text


@given(st.text(max_size=300))
def test_any_text_can_be_masked_and_masking_again_changes_nothing(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


def test_of_two_hundred_sentences_hardly_a_contact_is_missed() -> None:
    contacts = [sentence for kind, sentence in SENTENCES if kind == "contact"]
    missed = [
        sentence
        for sentence in contacts
        if MASK not in (shown := masked(sentence)) or sum(map(str.isdigit, shown)) > MOST_DIGITS_LEFT
    ]
    assert len(contacts) > 100
    assert len(missed) <= (1 - RECALL) * len(contacts), missed


def test_of_two_hundred_sentences_nothing_is_masked_that_is_no_contact() -> None:
    others = [sentence for kind, sentence in SENTENCES if kind == "none"]
    assert len(others) >= 100
    assert [sentence for sentence in others if masked(sentence) != sentence] == []
