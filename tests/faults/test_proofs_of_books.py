"""Proofs of the books night by night: of what changed, and of what was proven before, which must be there still."""

from datetime import timedelta
from typing import Any

import pytest

from marketplace import bootstrap
from marketplace.operations.proof_of_books.model import days_in, hash_of_days
from marketplace.operations.proof_of_books.proving import NIGHTS_OF_A_PASS
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.store import Page, Store
from tests.faults.market import ADMIN, AYU, MADE, WAYAN, Market
from tests.faults.paying import told
from tests.faults.test_payments import asked


def owe(market: Market, customer: Caller = WAYAN) -> dict[str, Any]:
    """Let a commission come into being, and an hour and a half pass."""
    booking_id = market.book(customer, AYU, customerWhatsApp=f"+62812{len(market.rows('bookings')):07d}")
    answer = market.command(AYU, booking_id, "accept")
    market.command(AYU, booking_id, "complete")
    market.wait(minutes=90)
    return dict(answer.body["commission"])


def prove(market: Market) -> dict[str, Any]:
    """Let a night pass; return its proof."""
    market.wait(days=1)
    market.invoke("prove_books", {})
    return dict(market.row("proofs", book="commissions", number=len(market.rows("proofs"))))


def differences(proof: dict[str, Any]) -> list[str]:
    return list(proof["differences"])


def a_whole_pass(market: Market) -> list[str]:
    """Return what is named within the nights after which everything was read once more."""
    return [named for _ in range(NIGHTS_OF_A_PASS) for named in differences(prove(market))]


def test_each_night_speaks_of_everything_and_reads_what_changed(market: Market) -> None:
    long_ago = owe(market)["bookingDate"][:10]
    first = prove(market)
    payment = asked(market, owe(market, MADE))
    told(market, payment["paymentId"], "in-1", payment["amount"])

    second = prove(market)

    entries = market.rows("ledger_entries")
    assert (first["entries"], second["entries"], len(entries)) == (1, 3, 3)
    assert (first["bookings"], second["bookings"]) == (1, 2)
    assert second["entriesHash"] == hash_of_days(days_in(entries)), "as if everything had been read"
    assert second["previousHash"] == first["hash"]
    assert differences(first) == differences(second) == []
    assert long_ago not in {day["day"] for day in second["days"]}
    market.check()


def test_a_night_in_which_nothing_happened_adds_nothing(market: Market) -> None:
    owe(market)
    first, second = prove(market), prove(market)
    assert (second["entries"], second["entriesHash"]) == (first["entries"], first["entriesHash"])
    assert second["hash"] != first["hash"]


@pytest.mark.parametrize("fault", ["lost", "altered", "added"])
def test_what_was_proven_and_is_no_longer_as_it_was_is_named_within_a_pass(market: Market, fault: str) -> None:
    owe(market)
    for _ in range(3):
        prove(market)
    (entry,) = market.rows("ledger_entries")
    match fault:
        case "lost":
            market.remove("ledger_entries", therapistId="t-ayu", entryId=entry["entryId"])
        case "altered":
            lines = [{**line, "debit": line["debit"] * 2, "credit": line["credit"] * 2} for line in entry["lines"]]
            market.plant("ledger_entries", {**entry, "lines": lines})
        case _:
            later = entry["entryId"].replace("#000001", "#000009")
            market.plant("ledger_entries", {**entry, "entryId": later})

    named = a_whole_pass(market)

    assert any(each.startswith(f"{entry['day']}: ") for each in named)


def test_a_record_that_no_longer_agrees_with_its_postings_is_named_in_a_pass(market: Market) -> None:
    commission = owe(market)
    prove(market)
    prove(market)
    row = market.row("commission_records", bookingId=commission["bookingId"])
    market.plant("commission_records", {**row, "commissionAmount": 1, "bookingAmount": 3})
    assert any(commission["bookingId"] in each for each in a_whole_pass(market))


def test_a_lost_record_of_yesterday_is_named_tonight(market: Market) -> None:
    prove(market)
    commission = owe(market)
    prove(market)
    other = owe(market, MADE)
    market.remove("commission_records", bookingId=other["bookingId"])

    named = differences(prove(market))

    assert [each for each in named if other["bookingId"] in each]
    assert not [each for each in named if commission["bookingId"] in each]


def test_credits_that_nobody_gave_are_named_with_the_next_that_somebody_gives(market: Market) -> None:
    owe(market)
    prove(market)
    payment = asked(market, owe(market, MADE))
    told(market, payment["paymentId"], "in-1", payment["amount"] + 5)
    (claim,) = [row for row in market.rows("claims") if row["claimKey"] == "credits#t-ayu"]
    market.plant("claims", {**claim, "available": claim["available"] + 1_000})

    assert any("can be used" in each for each in differences(prove(market)))


def test_an_older_proof_without_days_is_followed_by_a_reading_of_everything(market: Market) -> None:
    owe(market)
    first = prove(market)
    market.plant("proofs", {name: value for name, value in first.items() if name != "days"})

    second = prove(market)

    assert second["previousHash"] == first["hash"]
    assert [day["entries"] for day in second["days"]] == [1]


def test_a_debt_that_goes_on_over_many_nights_is_never_a_difference(market: Market) -> None:
    commission = owe(market)
    path = f"/commissions/{commission['bookingId']}/dispute"
    named = differences(prove(market))
    market.expect(200, AYU, "POST", path, {"reason": "too much"})
    named += differences(prove(market))
    half = {"outcome": "reduced", "amount": 30_000, "reason": "heard"}
    market.expect(200, ADMIN, "POST", f"/admin{path}/resolve", half)
    named += differences(prove(market))
    waived = {"reason": "goodwill", "confirm": True}
    market.expect(200, ADMIN, "POST", f"/admin/commissions/{commission['bookingId']}/waive", waived)
    named += a_whole_pass(market)

    assert named == []


def test_reading_costs_what_changed_not_what_there_is(market: Market) -> None:
    for _ in range(4):
        owe(market)
        market.now += timedelta(days=1)
    prove(market)
    scans: list[str] = []

    def noted(_: Store, table: str, **asked: Any) -> Page:
        scans.append(table)
        return scan(bootstrap.store(), table, **asked)

    scan = Store.scan
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(Store, "scan", noted)
        market.wait(days=1)
        assert market.invoke("prove_books", {})["differences"] == 0
    assert scans == []
