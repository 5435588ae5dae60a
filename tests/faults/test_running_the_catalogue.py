"""Admins add therapists and places, and what was decided about them holds for every booking."""

from datetime import timedelta
from typing import Any, Final

import pytest

from contracts.examples import BODIES
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import parse_utc
from marketplace.services.catalogue.desk import TherapistCommands
from tests.faults.day.beginning import every_day
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market

DEWI: Final = Caller(user_id="t-dewi", role=Role.THERAPIST, signed_in_at=2_000_000_000)
SPA: Final = Caller(user_id="p-seminyak", role=Role.THERAPIST, signed_in_at=2_000_000_000)
NEEDED: Final = ("therapistId", "name", "type", "timeZone", "languages", "menu")
UBUD: Final = {"latitude": -8.5069, "longitude": 115.2625}
KUTA: Final = {"latitude": -8.7180, "longitude": 115.1686}


def added(market: Market, **differing: Any) -> dict[str, Any]:
    """Add a therapist who is open around the clock."""
    body = {
        **{name: BODIES["NewTherapist"][name] for name in NEEDED},
        "openingHours": every_day("00:00", "24:00"),
        **differing,
    }
    return market.expect(201, ADMIN, "POST", "/admin/therapists", body)


def slots(market: Market, therapist: Caller, days: int = 2) -> list[str]:
    day = market.now.date().fromordinal(market.now.date().toordinal() + days).isoformat()
    path = f"/therapists/{therapist.user_id}/slots"
    found = market.expect(200, None, "GET", path, query={"date": day, "duration": "60"})["slots"]
    return [slot["start"] for slot in found]


_numbers = iter(range(10_000_000, 99_999_999))


def wish(market: Market, therapist: Caller, at: str, **differing: Any) -> dict[str, Any]:
    order = market.order(therapist, bookingType="scheduled", scheduledTime=at)
    number = f"+62812{next(_numbers)}"
    return {**order, "customerWhatsApp": number, "confirmOtherPending": True, **differing}


def asked(market: Market, therapist: Caller, at: str, customer: Caller = WAYAN, **differing: Any) -> tuple[int, str]:
    """Ask for a visit; return the status and the code of a refusal, or the id of the booking."""
    answer = market.call(customer, "POST", "/bookings", wish(market, therapist, at, **differing))
    return answer.status, answer.body.get("code") or answer.body["booking"]["bookingId"]


def test_a_new_therapist_is_offline_and_comes_when_they_say_so(market: Market) -> None:
    profile = added(market)
    assert (profile["therapistId"], profile["status"], profile["suspendedAt"]) == ("t-dewi", "offline", None)
    assert market.call(WAYAN, "POST", "/bookings", market.order(DEWI)).body["code"] == "therapist_unavailable"
    market.expect(200, DEWI, "PATCH", "/me", {"status": "online"})
    market.expect(201, WAYAN, "POST", "/bookings", market.order(DEWI))
    market.publish()
    audit_log = market.expect(200, ADMIN, "GET", "/admin/history/t-dewi")["items"]
    assert [(entry["actor"], entry["action"]) for entry in audit_log] == [
        ("a-admin", "profile_created"),
        ("t-dewi", "profile_changed"),
    ]


def test_an_id_is_given_once_whoever_has_it_and_a_derived_one_makes_room(market: Market) -> None:
    added(market)
    again = {**BODIES["NewTherapist"], "therapistId": "t-dewi"}
    assert market.call(ADMIN, "POST", "/admin/therapists", again).body["code"] == "already_exists"
    body = {name: value for name, value in BODIES["NewTherapist"].items() if name != "therapistId"}
    ids = [
        market.expect(201, ADMIN, "POST", "/admin/therapists", {**body, "name": "Ni Lùh  Dewi!"})["therapistId"]
        for _ in range(2)
    ]
    assert ids == ["ni-luh-dewi", "ni-luh-dewi-2"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timeZone", "Asia/Atlantis"),
        ("timeZone", "America"),
        ("timeZone", "../etc/passwd"),
        ("menu", []),
        ("menu", [{"serviceId": "a", "name": "A", "prices": {}}]),
        ("menu", [{"serviceId": "a", "name": "A", "prices": {"60": 0}}]),
        ("menu", [{"serviceId": "a", "name": "A", "prices": {"60": 1_000_000_000}}]),
        ("openingHours", {"monday": [{"opens": "09:00", "closes": "12:00"}, {"opens": "11:00", "closes": "13:00"}]}),
        ("bufferMinutes", 121),
        ("horizonDays", 0),
        ("visitsPerDay", 0),
        ("beds", 2),
        ("serviceArea", {"latitude": 91, "longitude": 0, "radiusKm": 5}),
        ("therapistId", "T Dewi"),
        ("email", "nobody"),
    ],
)
def test_what_breaks_a_bound_is_named_and_writes_nothing(market: Market, field: str, value: object) -> None:
    before = market.rows("therapists")
    answer = market.call(ADMIN, "POST", "/admin/therapists", {**BODIES["NewTherapist"], field: value})
    assert (answer.status, answer.body["code"]) == (422, "validation_failed")
    assert all(error["path"].startswith(field) for error in answer.body["errors"])
    assert market.rows("therapists") == before


def test_suspending_ends_offers_keeps_visits_and_hides_the_therapist(market: Market) -> None:
    added(market)
    first, second, *_ = slots(market, DEWI)[::8]
    _, confirmed = asked(market, DEWI, first)
    market.command(DEWI, confirmed, "accept")
    _, pending = asked(market, DEWI, second, MADE)
    market.expect(200, ADMIN, "POST", "/admin/therapists/t-dewi/suspend", {"reason": "two complaints"})

    states = {row["bookingId"]: row["status"] for row in market.rows("bookings")}
    assert (states[confirmed], states[pending]) == ("confirmed", "declined")
    assert market.call(None, "GET", "/therapists/t-dewi").status == 404
    listed = market.expect(200, None, "GET", "/therapists")["items"]
    assert "t-dewi" not in {each["therapistId"] for each in listed}
    assert asked(market, DEWI, second) == (409, "therapist_unavailable")
    watched = {each["therapistId"]: each for each in market.expect(200, ADMIN, "GET", "/admin/therapists")["items"]}
    assert watched["t-dewi"]["suspendedAt"] is not None
    market.expect(200, DEWI, "GET", "/me")
    market.publish()
    last = market.expect(200, ADMIN, "GET", "/admin/history/t-dewi")["items"][-1]
    assert (last["action"], last["reason"]) == ("therapist_suspended", "two complaints")

    market.expect(200, ADMIN, "POST", "/admin/therapists/t-dewi/reinstate")
    assert asked(market, DEWI, second)[0] == 201
    assert market.violations() == []


def test_a_suspended_therapist_can_accept_nothing_that_was_left_open(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(market)
    _, booking_id = asked(market, DEWI, slots(market, DEWI)[0])
    monkeypatch.setattr(TherapistCommands, "_pending_offers", lambda *_: iter(()))  # an index that lags
    market.expect(200, ADMIN, "POST", "/admin/therapists/t-dewi/suspend", {"reason": "two complaints"})
    answer = market.command(DEWI, booking_id, "accept")
    assert (answer.status, answer.body["code"]) == (409, "booking_not_pending")
    monkeypatch.undo()


def test_a_place_of_three_beds_holds_three_visits_at_once(market: Market) -> None:
    added(market, therapistId=SPA.user_id, type="place", beds=3)
    at = slots(market, SPA)[0]
    assert [asked(market, SPA, at, MADE if turn % 2 else WAYAN)[0] for turn in range(4)] == [201, 201, 201, 409]
    assert at not in slots(market, SPA)
    assert market.violations() == []


def test_a_limit_of_visits_counts_those_that_are_over(market: Market) -> None:
    added(market, visitsPerDay=2, noticeMinutes=0, bufferMinutes=0)
    first, second, third, *_ = slots(market, DEWI)[::8]
    booked = [asked(market, DEWI, at)[1] for at in (first, second)]
    for booking_id in booked:
        market.command(DEWI, booking_id, "accept")
    assert asked(market, DEWI, third) == (409, "slot_taken")
    assert slots(market, DEWI) == []

    market.now = parse_utc(first)
    market.wait(minutes=60)
    assert market.command(DEWI, booked[0], "complete").status == 200
    day = {"date": first[:10] if first[11:13] < "16" else second[:10], "duration": "60"}
    assert market.expect(200, None, "GET", "/therapists/t-dewi/slots", query=day)["slots"] == []
    market.command(WAYAN, booked[1], "cancel")
    assert asked(market, DEWI, third)[0] == 201
    assert asked(market, DEWI, second) == (409, "slot_taken")


def test_the_time_before_a_visit_is_kept_free(market: Market) -> None:
    added(market, bufferMinutes=0, bufferBeforeMinutes=30)
    free = slots(market, DEWI)
    at = free[20]
    assert asked(market, DEWI, at)[0] == 201
    left = slots(market, DEWI)
    # An hour's visit may end half an hour before, and the next one begins half an hour after the end.
    assert [start for start in free if start not in left] == free[15:26]
    assert market.violations() == []


def test_a_therapist_comes_to_their_service_area_alone_and_sees_how_far(market: Market) -> None:
    added(market, serviceArea={**UBUD, "radiusKm": 15})
    first, second, third, *_ = slots(market, DEWI)[::8]
    assert asked(market, DEWI, first, location=KUTA) == (409, "therapist_unavailable")
    near = {"latitude": -8.53, "longitude": 115.2625}
    _, booking_id = asked(market, DEWI, second, location=near)
    seen = market.expect(200, DEWI, "GET", f"/bookings/{booking_id}")
    assert (seen["distanceKm"], seen["location"]["latitude"]) == (3, None)
    assert asked(market, DEWI, third, MADE, location={"address": "Jalan Monyet"})[0] == 201
    market.command(DEWI, booking_id, "accept")
    assert market.expect(200, DEWI, "GET", f"/bookings/{booking_id}")["distanceKm"] is None


def test_a_sign_in_is_handed_out_once_and_mailed_as_often_as_asked(market: Market) -> None:
    added(market)
    path = "/admin/therapists/t-dewi/invite"
    first = market.expect(200, ADMIN, "POST", path, {"email": "dewi@example.com"})
    market.wait(minutes=1)
    second = market.expect(200, ADMIN, "POST", path, {"email": "dewi@example.com"})
    assert (first["userId"], first["invitedAt"] < second["invitedAt"]) == ("t-dewi", True)
    assert market.call(ADMIN, "POST", "/admin/therapists/t-nobody/invite", {"email": "a@example.com"}).status == 404


def test_nobody_but_operations_runs_the_catalogue(market: Market) -> None:
    support = Caller(user_id="a-support", role=Role.ADMIN, duties=frozenset())
    for caller in (WAYAN, BUDI, support):
        assert market.call(caller, "POST", "/admin/therapists", BODIES["NewTherapist"]).status == 403


def test_an_inactive_hotel_is_in_no_list_and_named_by_no_booking(market: Market) -> None:
    hotel = {**BODIES["NewHotel"], "hotelVillaId": "h-sawah"}
    made = market.expect(201, ADMIN, "POST", "/admin/hotels", hotel)
    assert made == {**hotel, "active": True}
    assert market.call(ADMIN, "POST", "/admin/hotels", hotel).body["code"] == "already_exists"
    stay = {name: value for name, value in market.order().items() if name != "location"}
    stay |= {"hotelVillaId": "h-sawah", "roomNumber": "12"}
    market.expect(201, WAYAN, "POST", "/bookings", stay)

    market.expect(200, ADMIN, "PATCH", "/admin/hotels/h-sawah", {"active": False, "name": "Sawah"})
    listed = {each["hotelVillaId"] for each in market.expect(200, None, "GET", "/hotels")["items"]}
    assert "h-sawah" not in listed
    elsewhere = {**stay, "therapistId": "t-budi", "customerWhatsApp": "+62811999888"}
    answer = market.call(MADE, "POST", "/bookings", elsewhere)
    assert [error["path"] for error in answer.body["errors"]] == ["hotelVillaId"]
    assert market.expect(200, ADMIN, "GET", "/admin/hotels")["items"][-1]["active"] is False
    audit_log = market.expect(200, ADMIN, "GET", "/admin/history/h-sawah")["items"]
    assert [(entry["actor"], entry["action"]) for entry in audit_log] == [
        ("a-admin", "hotel_added"),
        ("a-admin", "hotel_changed"),
    ]
    assert audit_log[-1]["before"] == {"active": True, "name": "Tepi Sawah"}


@pytest.mark.parametrize("change", [{"latitude": 1.0}, {"latitude": 1.0, "longitude": None}, {"timeZone": "Mars"}, {}])
def test_half_a_place_of_a_hotel_is_refused(market: Market, change: dict[str, Any]) -> None:
    market.expect(201, ADMIN, "POST", "/admin/hotels", {**BODIES["NewHotel"], "hotelVillaId": "h-sawah"})
    assert market.call(ADMIN, "PATCH", "/admin/hotels/h-sawah", change).status == 422


def taken_by_made(market: Market) -> str:
    """Let somebody else try the code; return why they cannot."""
    order = market.order(BUDI, discountCode="NYEPI", customerWhatsApp="+62811999888")
    return str(market.call(MADE, "POST", "/bookings", order).body["code"])


def code(market: Market, **differing: Any) -> dict[str, Any]:
    body = {"discountCode": "nyepi", "kind": "amount", "value": 50_000, **differing}
    return market.expect(201, ADMIN, "POST", "/admin/discount-codes", body)


def test_a_code_counts_its_uses_and_keeps_its_value_once_it_is_used(market: Market) -> None:
    code(market)
    path = "/admin/discount-codes/NYEPI"
    assert market.expect(200, ADMIN, "PATCH", path, {"value": 60_000})["value"] == 60_000
    booking_id = market.book(discountCode="Nyepi")
    listed = market.expect(200, ADMIN, "GET", "/admin/discount-codes")["items"]
    assert {each["discountCode"]: each["used"] for each in listed}["NYEPI"] == 1
    answer = market.call(ADMIN, "PATCH", path, {"value": 70_000})
    assert (answer.status, answer.body["code"]) == (409, "invalid_transition")
    market.expect(200, ADMIN, "PATCH", path, {"value": 60_000, "maxUses": 1})
    assert taken_by_made(market) == "discount_unavailable"
    market.command(WAYAN, booking_id, "cancel")
    assert market.expect(200, ADMIN, "PATCH", path, {"value": 70_000})["used"] == 0
    market.expect(200, ADMIN, "PATCH", path, {"active": False})
    assert taken_by_made(market) == "discount_unavailable"
    again = market.call(ADMIN, "POST", "/admin/discount-codes", BODIES["NewDiscountCode"])
    assert again.body["code"] == "already_exists"


@pytest.mark.parametrize(
    ("differing", "path"),
    [
        ({"kind": "share", "value": 10_001}, "value"),
        ({"value": 0}, "value"),
        ({"validFrom": "2030-01-02T00:00:00Z", "validUntil": "2030-01-01T00:00:00Z"}, "validUntil"),
        ({"validUntil": "2020-01-01T00:00:00Z"}, "validUntil"),
        ({"discountCode": "TEN OFF"}, "discountCode"),
    ],
)
def test_a_code_that_makes_no_sense_is_refused(market: Market, differing: dict[str, Any], path: str) -> None:
    body = {"discountCode": "NYEPI", "kind": "amount", "value": 50_000, **differing}
    answer = market.call(ADMIN, "POST", "/admin/discount-codes", body)
    assert (answer.status, [error["path"] for error in answer.body["errors"]]) == (422, [path])


@pytest.mark.parametrize(("value", "commission"), [(50_000, 25_000), (100_000, 0)])
def test_a_discount_that_the_platform_funds_comes_out_of_the_commission(
    market: Market, value: int, commission: int
) -> None:
    code(market, value=value, fundedBy="platform")
    booking_id = market.book(discountCode="NYEPI")
    accepted = market.command(AYU, booking_id, "accept").body
    assert (accepted["booking"]["price"], accepted["commission"]["commissionAmount"]) == (250_000 - value, commission)
    market.publish()
    market.wait(minutes=2)
    assert market.violations() == []
    audit = market.expect(201, ADMIN, "POST", "/admin/audits", {"full": True}, key="a")
    assert (audit["missing"], audit["wrongAmount"]) == ([], [])
    assert market.expect(200, ADMIN, "GET", "/admin/health")["status"] == "green"


def found(market: Market, **query: str) -> list[str]:
    """Return the ids of the therapists that a search finds, over all its pages, in their order."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        asked_for = {**query, "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = market.expect(200, None, "GET", "/therapists", query=asked_for)
        ids += [each["therapistId"] for each in page["items"]]
        cursor = page["nextCursor"]
        if cursor is None:
            return ids


def test_therapists_are_found_by_words_price_place_and_name_as_soon_as_they_are_there(market: Market) -> None:
    assert found(market, q="lestari") == ["t-ayu"]
    menu = [{"serviceId": "luluh", "name": "Lùluh body scrub", "prices": {"60": 90_000}}]
    ubud, said = {**UBUD, "radiusKm": 15}, {"en": "I was trained in Solo."}
    added(market, name="Zaskia", menu=menu, serviceArea=ubud, biography=said)
    added(market, therapistId="t-eka", name="Eka", serviceArea={**KUTA, "radiusKm": 15})
    for words in ("zaskia", "LULUH scrub", "trained solo"):
        assert found(market, q=words) == ["t-dewi"]
    assert found(market, maxPrice="90000") == ["t-dewi"]
    assert found(market, sort="price")[0] == "t-dewi"
    assert found(market, sort="name")[-1] == "t-dewi"
    near_kuta = found(market, sort="distance", near="-8.72,115.17")
    assert near_kuta[:2] == ["t-eka", "t-dewi"]
    assert len(near_kuta) == len(set(near_kuta)) == len(found(market))
    assert "t-dewi" not in found(market, q="zaskia", online="true")
    market.expect(200, DEWI, "PATCH", "/me", {"status": "online"})
    assert found(market, q="zaskia", online="true") == ["t-dewi"]
    market.expect(200, ADMIN, "POST", "/admin/therapists/t-dewi/suspend", {"reason": "two complaints"})
    assert found(market, q="zaskia") == []


def test_a_listed_therapist_says_how_far_and_from_when_they_could_come(market: Market) -> None:
    added(market, serviceArea={**UBUD, "radiusKm": 15})
    market.expect(200, DEWI, "PATCH", "/me", {"status": "online", "paymentMethods": ["cash", "qris"]})

    def listed() -> dict[str, Any]:
        items = market.expect(200, None, "GET", "/therapists", query={"near": "-8.53,115.2625"})["items"]
        return next(each for each in items if each["therapistId"] == "t-dewi")

    before = listed()
    assert (before["distanceKm"], before["availableNow"], before["rating"]) == (2.6, True, None)
    assert before["paymentMethods"] == ["cash", "qris"]
    market.now = market.now.replace(hour=1, minute=0)  # nine in the morning in Makassar
    booking_id = market.book(therapist=DEWI)
    market.command(DEWI, booking_id, "accept")
    busy = listed()
    assert (busy["availableNow"], parse_utc(busy["freeFrom"]) - market.now) == (False, timedelta(minutes=75))
    market.expect(200, DEWI, "PATCH", "/me", {"status": "offline"})
    assert (listed()["availableNow"], listed()["freeFrom"]) == (False, None)


@pytest.mark.parametrize(
    "query", [{"near": "91,0"}, {"near": "here"}, {"sort": "distance"}, {"sort": "age"}, {"maxPrice": "-1"}, {"q": " "}]
)
def test_a_search_that_makes_no_sense_is_refused(market: Market, query: dict[str, str]) -> None:
    assert market.call(None, "GET", "/therapists", query=query).status == 422


def test_free_times_of_a_month_come_in_one_request(market: Market) -> None:
    first = market.now.date().isoformat()
    path = "/therapists/t-ayu/slots"
    month = market.expect(200, None, "GET", path, query={"from": first, "days": "31", "duration": "60"})
    assert len(month["days"]) == 31
    for day in month["days"][:3]:
        alone = market.expect(200, None, "GET", path, query={"date": day["date"], "duration": "60"})
        assert alone["slots"] == day["slots"]
    for query in ({"from": first}, {"days": "3"}, {"from": first, "days": "32"}, {"date": first, "days": "2"}, {}):
        assert market.call(None, "GET", path, query={**query, "duration": "60"}).status == 422


def test_admins_find_bookings_by_a_part_of_a_name_any_writing_of_a_number_and_an_id(market: Market) -> None:
    at = slots(market, BUDI)
    ids = []
    for turn, name in enumerate(["Éloïse Martin", "Wayan Sudarma", "Eloise Roux"]):
        answer = wish(market, BUDI, at[turn * 8], customerName=name, customerWhatsApp=f"+62812555012{turn}0")
        ids.append(market.expect(201, WAYAN, "POST", "/bookings", answer)["booking"]["bookingId"])

    def hits(q: str, **more: str) -> list[str]:
        found_ids: list[str] = []
        cursor: str | None = None
        while True:
            query = {"q": q, "limit": "1", **more} | ({"cursor": cursor} if cursor else {})
            page = market.expect(200, ADMIN, "GET", "/admin/bookings", query=query)
            found_ids += [each["bookingId"] for each in page["items"]]
            cursor = page["nextCursor"]
            if cursor is None:
                return found_ids

    assert set(hits("ELOISE")) == {ids[0], ids[2]}
    assert set(hits("eloise", therapistId="t-budi")) == set(hits("eloise", status="pending")) == {ids[0], ids[2]}
    assert [hits(number) for number in ("0812 5550 1210", "+62-812-5550-1210", "62812 55501210")] == [[ids[1]]] * 3
    assert hits(ids[0]) == [ids[0]]
    assert hits(ids[0], status="confirmed") == hits("nobody") == []
