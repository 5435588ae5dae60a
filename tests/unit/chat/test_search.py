"""Words are found whatever their case and accents, in the words that the reader sees."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.chat.message import Message, MessageType
from marketplace.chat.search import Search
from marketplace.notification.announcement import Template
from marketplace.platform.caller import Role
from marketplace.platform.language import Language


def message(text: str, **metadata: object) -> Message:
    return Message(
        conversation_id="r-1",
        sequence=1,
        sender_id="c-1",
        sender_name="Wayan",
        sender_role=Role.SYSTEM if metadata else Role.CUSTOMER,
        receiver_id=None,
        receiver_role=None,
        message=text,
        message_type=MessageType.TEXT,
        booking_id="b-1",
        timestamp=datetime(2026, 11, 22, tzinfo=UTC),
        metadata=metadata,
    )


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("cafe", "Où est le CAFÉ?", True),
        ("CAFÉ", "the cafe", True),
        ("ubud cafe", "A cafe in Ubud", True),
        ("ubud tea", "A cafe in Ubud", False),
        ("strasse", "Straße", True),
        ("ﬁne", "a fine day", True),
        ("\u00b4", "nothing of it", False),
        ("%", "100% sure", True),
        ("😀", "hello 😀", True),
        ("danang", "Đànang", True),
        ("don't", "Don’t go", True),  # noqa: RUF001 - typed on a telephone
        ("don’t", "Don't go", True),  # noqa: RUF001 - typed on a telephone
        ("❤", "with ❤️", True),
        ("❤️", "with ❤", True),
        ("❤️", "with ♡", False),
    ],
)
def test_words_are_found(words: str, text: str, found: bool) -> None:  # noqa: FBT001 - an expectation
    assert Search(words, Language.ENGLISH, reader=Role.CUSTOMER, reveals=True).matches(message(text)) is found


def test_the_system_s_words_are_searched_as_the_reader_reads_them() -> None:
    welcome = message("Welcome, Wayan!", template=Template.WELCOME, parameters={"customerName": "Wayan"})
    assert Search("selamat wayan", Language.INDONESIAN, reader=Role.CUSTOMER, reveals=True).matches(welcome)
    assert not Search("welcome", Language.INDONESIAN, reader=Role.CUSTOMER, reveals=True).matches(welcome)


def test_what_the_reader_may_not_know_is_not_found_either() -> None:
    details = message("-", template=Template.BOOKING_DETAILS, parameters={"address": "Jalan Hanoman", "duration": 60})
    assert Search("hanoman", Language.ENGLISH, reader=Role.CUSTOMER, reveals=True).matches(details)
    assert not Search("hanoman", Language.ENGLISH, reader=Role.CUSTOMER, reveals=False).matches(details)


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_every_text_is_found_by_itself_in_any_case(text: str) -> None:
    for words in (text, text.casefold()):
        assert Search(words, Language.ENGLISH, reader=Role.CUSTOMER, reveals=True).matches(message(text))
