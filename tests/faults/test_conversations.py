"""What people see of each other in a room: translations, reading, coming and going; and friends who follow a visit."""

from typing import Any

import pytest
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from marketplace.platform.caller import Caller
from marketplace.platform.language import Language
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market, room_of

READER = Caller(user_id=WAYAN.user_id, role=WAYAN.role, language=Language.INDONESIAN, signed_in_at=2_000_000_000)


@pytest.fixture
def booking_id(market: Market) -> str:
    found = market.book()
    market.expect(200, AYU, "POST", f"/bookings/{found}/accept")
    return found


def last_message(market: Market, booking_id: str, by: Caller = WAYAN) -> dict[str, Any]:
    items: list[dict[str, Any]] = market.expect(200, by, "GET", f"/rooms/{room_of(booking_id)}/messages")["items"]
    return items[-1]


def translate_for(market: Market, booking_id: str, by: Caller, *, enabled: bool = True) -> dict[str, Any]:
    return market.expect(200, by, "POST", f"/rooms/{room_of(booking_id)}/translation", {"enabled": enabled})


def frames(market: Market, to: str, kind: str) -> list[dict[str, Any]]:
    return [
        dict(frame) for connection_id, frame in market.gateway.frames if (connection_id, frame["type"]) == (to, kind)
    ]


# Translation -----------------------------------------------------------------------------------------------


def test_later_messages_of_others_are_translated_for_who_asked(market: Market, booking_id: str) -> None:
    market.send(AYU, booking_id, "good morning", "m-1")
    chosen = translate_for(market, booking_id, READER)
    assert chosen == {
        "conversationId": room_of(booking_id),
        "enabled": True,
        "language": "id",
        "available": True,
    }
    market.connect(READER, "socket-reader")
    market.send(AYU, booking_id, "on my way", "m-2")
    later = last_message(market, booking_id)
    assert later["translations"] == {}

    market.translate(booking_id, later["sequence"] - 1)
    market.translate(booking_id, later["sequence"])

    shown = last_message(market, booking_id)
    assert (shown["message"], shown["translations"]) == ("on my way", {"id": "[id] on my way"})
    (told,) = frames(market, "socket-reader", "translated")
    assert told["message"]["translations"] == {"id": "[id] on my way"}
    assert market.translator.texts == ["on my way"]
    room = market.expect(200, READER, "GET", f"/rooms/{room_of(booking_id)}")
    assert room["translation"] == {"enabled": True, "language": "id"}


def test_a_translation_is_made_once_and_anew_after_an_edit(market: Market, booking_id: str) -> None:
    translate_for(market, booking_id, READER)
    sent = market.send(AYU, booking_id, "on my way", "m-1").body
    for _ in range(3):
        market.translate(booking_id, sent["sequence"])
    assert market.translator.texts == ["on my way"]
    edited = {"message": "there at nine"}
    market.expect(200, AYU, "PATCH", f"/rooms/{room_of(booking_id)}/messages/{sent['sequence']}", edited)
    assert last_message(market, booking_id)["translations"] == {}
    market.translate(booking_id, sent["sequence"])
    assert last_message(market, booking_id)["translations"] == {"id": "[id] there at nine"}
    market.expect(200, AYU, "DELETE", f"/rooms/{room_of(booking_id)}/messages/{sent['sequence']}")
    assert last_message(market, booking_id)["translations"] == {}


def test_own_messages_and_those_in_the_language_already_stay_as_they_are(market: Market, booking_id: str) -> None:
    translate_for(market, booking_id, READER)
    own = market.send(READER, booking_id, "see you", "m-1").body
    others = market.send(AYU, booking_id, "halo", "m-2").body
    market.translate(booking_id, own["sequence"])
    market.translate(booking_id, others["sequence"])
    assert last_message(market, booking_id)["translations"] == {}
    assert market.translator.texts == ["halo"]


def test_who_no_longer_wants_it_gets_no_more_and_a_stranger_may_not_ask(market: Market, booking_id: str) -> None:
    translate_for(market, booking_id, READER)
    assert translate_for(market, booking_id, READER, enabled=False)["enabled"] is False
    sent = market.send(AYU, booking_id, "on my way", "m-1").body
    market.translate(booking_id, sent["sequence"])
    assert market.translator.texts == []
    path = f"/rooms/{room_of(booking_id)}/translation"
    assert market.call(MADE, "POST", path, {"enabled": True}).status == 404
    assert market.call(ADMIN, "POST", path, {"enabled": True}).status == 403


def test_a_room_is_translated_up_to_its_budget(market: Market, booking_id: str) -> None:
    translate_for(market, booking_id, READER)
    for number in range(3):
        sent = market.send(AYU, booking_id, f"{number}{'a' * 98}", f"m-{number}").body
        market.translate(booking_id, sent["sequence"])
    assert len(market.translator.texts) == 2


def test_a_provider_that_is_away_delays_nothing(
    market: Market, booking_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: object) -> None:
        raise BotocoreConnectionError(error=OSError())

    monkeypatch.setattr(market.translator, "translate_text", away)
    translate_for(market, booking_id, READER)
    market.connect(READER, "socket-reader")
    sent = market.send(AYU, booking_id, "on my way", "m-1")
    assert sent.status == 201
    assert frames(market, "socket-reader", "message")
    assert market.translate(booking_id, sent.body["sequence"])["translated"] == 0
    assert last_message(market, booking_id)["message"] == "on my way"


def test_what_is_translated_is_forgotten_with_its_customer(market: Market, booking_id: str) -> None:
    translate_for(market, booking_id, AYU)
    sent = market.send(WAYAN, booking_id, "I am Wayan Sudarma", "m-1").body
    market.translate(booking_id, sent["sequence"])
    assert "Wayan" in str(last_message(market, booking_id)["translations"])
    market.command(AYU, booking_id, "complete")
    market.expect(200, WAYAN, "POST", "/privacy/erase", {"confirm": True})
    row = market.row("chat_messages", conversationId=room_of(booking_id), sequence=sent["sequence"])
    assert (row["translations"], row["translateTo"]) == ({}, [])


# Reading ----------------------------------------------------------------------------------------------------


def test_who_hides_their_reading_hides_it_from_the_other_party_until_they_show_it_again(
    market: Market, booking_id: str
) -> None:
    room = f"/rooms/{room_of(booking_id)}"
    sent = market.send(AYU, booking_id, "hello", "m-1").body["sequence"]
    market.connect(AYU, "socket-ayu")
    market.connect(WAYAN, "socket-wayan")

    def seen(by: Caller) -> tuple[int, bool, int]:
        return (
            market.expect(200, by, "GET", room)["otherReadSequence"],
            last_message(market, booking_id, by)["isRead"],
            market.expect(200, by, "GET", "/rooms")["items"][0]["otherReadSequence"],
        )

    market.expect(200, WAYAN, "PATCH", "/me/preferences", {"showsRead": False})
    market.expect(200, WAYAN, "POST", f"{room}/read", {"sequence": sent})
    assert seen(AYU) == (0, False, 0)
    assert frames(market, "socket-ayu", "read") == []
    assert frames(market, "socket-wayan", "read")
    assert market.expect(200, ADMIN, "GET", f"{room}/messages")["items"][-1]["isRead"] is True
    edited = market.expect(200, AYU, "PATCH", f"{room}/messages/{sent}", {"message": "hello!"})
    assert edited["message"]["isRead"] is False
    page = market.frame(AYU, "socket-ayu", {"action": "sync", "conversationId": room_of(booking_id), "after": 0})
    assert page["items"][-1]["isRead"] is False
    assert market.expect(200, WAYAN, "GET", room)["readSequence"] == sent

    market.expect(200, WAYAN, "PATCH", "/me/preferences", {"showsRead": True})
    assert seen(AYU) == (sent, True, sent)


# Coming and going -------------------------------------------------------------------------------------------


def test_the_other_party_hears_who_comes_and_goes_once_for_all_their_sockets(market: Market, booking_id: str) -> None:
    market.connect(AYU, "socket-ayu")
    market.connect(WAYAN, "socket-1")
    market.connect(WAYAN, "socket-2")
    market.disconnect(WAYAN, "socket-1")
    assert [frame["online"] for frame in frames(market, "socket-ayu", "presence")] == [True]
    market.disconnect(WAYAN, "socket-2")
    came, went = frames(market, "socket-ayu", "presence")
    assert (came["userId"], went["online"]) == (WAYAN.user_id, False)
    shown = market.expect(200, AYU, "GET", f"/rooms/{room_of(booking_id)}")["presence"][WAYAN.user_id]
    assert shown == {"online": False, "lastSeenAt": went["lastSeenAt"]}


def test_who_hides_their_presence_comes_and_goes_unseen(market: Market, booking_id: str) -> None:
    assert booking_id
    market.expect(200, WAYAN, "PATCH", "/me/preferences", {"showsPresence": False})
    market.connect(AYU, "socket-ayu")
    market.connect(WAYAN, "socket-wayan")
    market.disconnect(WAYAN, "socket-wayan")
    assert frames(market, "socket-ayu", "presence") == []


# Masked messages --------------------------------------------------------------------------------------------


def test_each_masked_message_of_a_person_counts(market: Market) -> None:
    first, second = market.book(), market.book(MADE, BUDI, customerWhatsApp="+6281234567891")
    said = "WA 0812 3456 7890"
    sent = market.send(WAYAN, first, said, "m-1").body
    market.send(WAYAN, first, said, "m-1")
    market.send(WAYAN, first, "hello", "m-2")
    market.expect(200, WAYAN, "PATCH", f"/rooms/{room_of(first)}/messages/{sent['sequence']}", {"message": f"{said}!"})
    market.send(BUDI, second, said, "m-3")
    shown = market.expect(200, ADMIN, "GET", "/admin/masked-messages")["items"]
    assert [(each["userId"], each["masked"], each["rooms"], each["perRoom"]) for each in shown] == [
        (WAYAN.user_id, 2, 1, 2.0),
        (BUDI.user_id, 1, 1, 1.0),
    ]
    earlier = market.expect(200, ADMIN, "GET", "/admin/masked-messages", query={"month": "2020-01"})
    assert earlier["items"] == []


# A friend ---------------------------------------------------------------------------------------------------


def test_a_friend_follows_a_visit_without_number_or_address_until_it_ends(market: Market, booking_id: str) -> None:
    shared = market.expect(201, WAYAN, "POST", f"/bookings/{booking_id}/share")
    path = f"/shared-visits/{shared['token']}"
    assert shared["path"] == f"/visit/{shared['token']}"
    market.expect(200, AYU, "POST", f"/bookings/{booking_id}/visit", {"step": "en_route"})
    shown = market.expect(200, None, "GET", path)
    assert (shown["visitStep"], shown["sharedBy"], shown["duration"]) == ("en_route", "customer", 60)
    assert not {"Jalan Raya Ubud 8", "+6281234567890", "Wayan Sudarma"} & {str(value) for value in shown.values()}
    assert market.call(None, "GET", path[:-1] + ("A" if path[-1] != "A" else "B")).status == 404
    market.command(AYU, booking_id, "complete")
    assert market.call(None, "GET", path).status == 404
    again = market.call(WAYAN, "POST", f"/bookings/{booking_id}/share")
    assert (again.status, again.body["code"]) == (409, "invalid_transition")


def test_a_link_ends_with_a_visit_that_nobody_closed_or_that_another_makes(market: Market) -> None:
    booking_id = market.book()
    assert market.call(WAYAN, "POST", f"/bookings/{booking_id}/share").status == 409
    market.command(AYU, booking_id, "accept")
    assert market.call(MADE, "POST", f"/bookings/{booking_id}/share").status == 404
    token = market.expect(201, AYU, "POST", f"/bookings/{booking_id}/share")["token"]
    market.wait(hours=6)
    assert market.call(None, "GET", f"/shared-visits/{token}").status == 404


def test_a_booking_bears_the_text_that_its_customer_agreed_to(market: Market) -> None:
    booked = market.expect(201, WAYAN, "POST", "/bookings", market.order(consentVersion="2026-12"))["booking"]
    assert booked["consentVersion"] == "2026-12"
    assert market.expect(200, AYU, "GET", f"/bookings/{booked['bookingId']}")["consentVersion"] == "2026-12"
