"""Every sentence of the system exists in every language, and reads as its readers write."""

import string
from collections.abc import Iterator, Mapping
from copy import replace
from datetime import UTC, datetime
from importlib import resources
from io import BytesIO

import pytest
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog

from marketplace.booking.model import BookingEvent
from marketplace.notification.announcement import Template, render_message
from marketplace.platform.caller import Role
from marketplace.platform.language import Language
from marketplace.platform.text.i18n import format_instant, notification_text, rupiah
from marketplace.services.notification.announcements import notices_for, ringing_notice
from tests.offers import OFFER

LOCALE = resources.files("marketplace.platform.text") / "locale"
KINDS = {
    ringing_notice(OFFER).kind,
    *(
        notice.kind
        for event in BookingEvent
        for notice in notices_for(replace(OFFER, event=event, previous_therapist_id="t-2"))
    ),
}
REQUIRED = {
    *(template.value for template in Template),
    *(f"{kind}.{part}" for kind in KINDS for part in ("title", "body")),
    *(f"actor.{role.value}" for role in Role),
    *(f"month.{number}" for number in range(1, 13)),
    *(f"weekday.{number}" for number in range(7)),
    *("amount", "moment", "notification.start", "whats_app.greeting"),
    *(
        f"booking_details.{name}"
        for name in ("serviceName", "start", "discount", "hotelVillaName", "roomNumber", "address")
    ),
}
LANGUAGES = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def source(language: str) -> Catalog:
    text = (LOCALE / language / "LC_MESSAGES" / "marketplace.po").read_bytes()
    return pofile.read_po(BytesIO(text), locale=language, abort_invalid=True)


def sentences(catalogue: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue if message.id}


def problems(catalogues: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield what is missing, empty, or speaks of other things than in another language."""
    everything = REQUIRED.union(*catalogues.values())
    for language, words in catalogues.items():
        for key in sorted(everything):
            if not words.get(key, "").strip():
                yield f"{language}: {key} is missing"
        for key, sentence in words.items():
            spoken_of = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
            for other in catalogues.values():
                theirs = {name for _, name, _, _ in string.Formatter().parse(other.get(key, sentence)) if name}
                if spoken_of != theirs:
                    yield f"{language}: {key} speaks of other things"


def test_every_language_of_a_caller_has_a_catalogue() -> None:
    assert [language.value for language in sorted(Language)] == LANGUAGES


def test_no_sentence_is_missing_in_any_language() -> None:
    assert list(problems({language: sentences(source(language)) for language in LANGUAGES})) == []


@pytest.mark.parametrize("fault", ["missing", "empty", "renamed"])
def test_the_check_sees_a_fault(fault: str) -> None:
    words = {language: sentences(source(language)) for language in LANGUAGES}
    match fault:
        case "missing":
            del words["id"]["welcome"]
        case "empty":
            words["id"]["welcome"] = " "
        case _:
            words["id"]["welcome"] = "Halo {nama}"
    assert list(problems(words))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_fresh(language: str) -> None:
    compiled = mofile.read_mo(BytesIO((LOCALE / language / "LC_MESSAGES" / "marketplace.mo").read_bytes()))
    assert sentences(compiled) == sentences(source(language)), "make setup compiles it"


def test_prices_are_written_in_the_reader_s_manner() -> None:
    assert rupiah(1_250_000, Language.ENGLISH) == "Rp 1,250,000"
    assert rupiah(1_250_000, Language.INDONESIAN) == "Rp 1.250.000"


def test_times_are_written_in_the_reader_s_manner_and_the_therapist_s_zone() -> None:
    instant = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert format_instant(instant, "Asia/Makassar", Language.ENGLISH) == "Monday, 23 November 2026, 00:30 (WITA)"
    assert format_instant(instant, "Asia/Jakarta", Language.INDONESIAN).startswith("Minggu, 22 November 2026, pukul 23")


DETAILS = {"duration": 90, "price": {"rupiah": 350_000}, "address": "Jalan Hanoman 7", "roomNumber": "12"}


def test_who_may_not_know_the_place_reads_nothing_of_it() -> None:
    shown = render_message(Template.BOOKING_DETAILS, DETAILS, Language.ENGLISH, private=True)
    hidden = render_message(Template.BOOKING_DETAILS, DETAILS, Language.ENGLISH, private=False)
    assert "Hanoman" in shown
    assert "12" in shown
    assert "Hanoman" not in hidden
    assert "Room" not in hidden


def test_a_name_that_looks_like_a_placeholder_stays_a_name() -> None:
    named = {"customerName": "{therapistName}", "therapistName": "Ayu {0.__class__}"}
    assert render_message(Template.WELCOME, named, Language.ENGLISH, private=True) == (
        "Welcome, {therapistName}! This is your chat with Ayu {0.__class__}."
    )


def test_a_row_of_another_release_leaves_blanks_rather_than_failing() -> None:
    assert render_message(Template.WELCOME, {}, Language.ENGLISH, private=True)
    assert notification_text("booking_created", {}, Language.INDONESIAN)[0] == "Pesanan baru"
