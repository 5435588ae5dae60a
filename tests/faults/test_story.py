"""The marketplace in memory does what the deployed one does, so that its faults mean something."""

from tests.faults.market import ADMIN, AYU, BUDI, WAYAN, Market, room_of


def test_a_booking_is_made_accepted_talked_about_and_completed(market: Market) -> None:
    assert market.connect(AYU, "connection-ayu") == 200
    assert market.connect(ADMIN, "connection-admin") == 200
    booking_id = market.book(discountCode="SEKALI")
    market.publish()
    assert {frame["type"] for _, frame in market.gateway.frames} >= {"booking", "notification", "message"}
    assert market.command(AYU, booking_id, "accept").status == 200
    assert market.send(WAYAN, booking_id, "see you soon", "m-1").status == 201
    ack = market.frame(
        AYU,
        "connection-ayu",
        {"action": "sendMessage", "conversationId": room_of(booking_id), "clientMessageId": "m-2", "message": "yes"},
    )
    assert ack["type"] == "ack"
    read = market.call(WAYAN, "POST", f"/rooms/{room_of(booking_id)}/read", {"sequence": 6})
    assert read.body["unreadCount"] == 0
    assert market.command(AYU, booking_id, "complete").status == 200
    market.check()


def test_a_booking_wanders_from_therapist_to_therapist_and_expires(market: Market) -> None:
    booking_id = market.book()
    assert market.command(AYU, booking_id, "decline").status == 200
    assert market.command(ADMIN, booking_id, "reassign", {"therapistId": BUDI.user_id}).status == 200
    market.check()
    market.wait(minutes=16)
    assert market.sweep() == {"due": 1, "expired": 1}
    market.check()
    assert market.row("bookings", bookingId=booking_id)["status"] == "expired"


def test_a_therapist_who_gets_a_booking_back_has_none_of_their_own_words_unread(market: Market) -> None:
    booking_id = market.book()
    assert market.send(AYU, booking_id, "on my way?", "m-1").status == 201
    said_by_ayu = market.row("chat_rooms", conversationId=room_of(booking_id))["lastSequence"]

    for therapist in (BUDI, AYU):
        assert market.command(ADMIN, booking_id, "reassign", {"therapistId": therapist.user_id}).status == 200

    room = market.expect(200, AYU, "GET", f"/rooms/{room_of(booking_id)}")
    assert room["unreadCount"] == room["lastSequence"] - said_by_ayu == 2
    market.check()
