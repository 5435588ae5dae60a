"""Violations in how visits end and to whom they are offered, planted in the tables of a market that is sound."""

from typing import Any

from marketplace.catalogue.policy.model import Policy
from marketplace.platform.dynamodb.records import to_record

type Tables = dict[str, list[dict[str, Any]]]


def booking_in(tables: Tables, status: str) -> dict[str, Any]:
    return next(row for row in tables["bookings"] if row["status"] == status and "proposal" not in row)


def ask_another_fee_than_the_policy(tables: Tables) -> None:
    cancelled = booking_in(tables, "cancelled")
    tables["policies"] = [to_record(Policy(version=cancelled["policyVersion"]))]
    cancelled["cancellationFee"] = 1


def finish_without_a_commission(tables: Tables) -> None:
    finished = booking_in(tables, "completed")["bookingId"]
    tables["commission_records"] = [row for row in tables["commission_records"] if row["bookingId"] != finished]


def entries_in(tables: Tables, action: str) -> list[dict[str, Any]]:
    return [entry for entry in tables["history"] if entry["action"] == action]


def offer_it_twice_at_once(tables: Tables) -> None:
    first = next(
        entry
        for entry in entries_in(tables, "created")
        if entry["entityId"] == booking_in(tables, "pending")["bookingId"]
    )
    before = {"responseDeadline": "9999-01-01T00:00:00.000Z"}
    tables["history"].append({**first, "action": "redispatched", "version": 2, "before": before})


def accept_it_twice(tables: Tables) -> None:
    first = entries_in(tables, "confirmed")[0]
    tables["history"].append({**first, "version": first["version"] + 1})


def put_two_visits_into_one_bed(tables: Tables) -> None:
    visit = booking_in(tables, "confirmed")
    tables["bookings"].append({**visit, "bookingId": "b-crowding"})
