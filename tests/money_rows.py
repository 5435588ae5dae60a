"""Bookings and commission records for tests about money, as the tables hold them."""

from collections.abc import Mapping
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3

from marketplace.booking.model import Booking, BookingStatus, BookingType, Source, offers
from marketplace.booking.repository import booking_record
from marketplace.catalogue.therapist.model import TherapistType
from marketplace.commission.model import Commission
from marketplace.commission.repository import commission_record
from marketplace.platform.caller import OWNERS, Caller, Role
from marketplace.platform.dynamodb.attribute_values import Item, to_item
from marketplace.platform.identifiers import room_id

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

AYU = Caller(user_id="t-ayu", role=Role.THERAPIST)
ADMIN = Caller(user_id="a-admin", role=Role.ADMIN, duties=OWNERS)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def pending_booking(booking_id: str, *, at: datetime = NOON, **changes: Any) -> Booking:  # noqa: ANN401 - fields of the class
    booking = Booking(
        booking_id=booking_id,
        therapist_id="t-ayu",
        therapist_name="Ayu Lestari",
        therapist_type=TherapistType.THERAPIST,
        customer_id="c-wayan",
        customer_name="Wayan",
        customer_whats_app="+6281234567890",
        duration=90,
        list_price=350_000,
        price=350_000,
        discount=0,
        commission_rate_bps=3_000,
        status=BookingStatus.PENDING,
        created_at=at - timedelta(minutes=5),
        updated_at=at - timedelta(minutes=5),
        response_deadline=at + timedelta(minutes=10),
        booking_type=BookingType.IMMEDIATE,
        source=Source.DIRECT,
        chat_room_id=room_id(booking_id),
        buffer_minutes=15,
        time_zone="Asia/Makassar",
        offered_at=at - timedelta(minutes=5),
    )
    return replace(booking, **changes)


def confirmed_booking(booking_id: str, *, at: datetime = NOON, **changes: Any) -> Booking:  # noqa: ANN401 - fields of the class
    booking = pending_booking(booking_id, at=at, **changes)
    return offers.accept(booking, by=Caller(user_id=booking.therapist_id, role=Role.THERAPIST), now=at)


def owed(booking: Booking, *, due_days: int = 7) -> Commission:
    return Commission.owed_for(booking, due_days=due_days)


def keep(tables: Mapping[str, "Table"], *things: Booking | Commission) -> None:
    """Write bookings and records into their tables as they are."""
    for thing in things:
        table, row = (
            ("bookings", booking_record(thing))
            if isinstance(thing, Booking)
            else ("commission_records", commission_record(thing))
        )
        put_row(tables[table], row)


def put_row(table: "Table", row: Item) -> None:
    """Write one row of plain values as it is."""
    boto3.client("dynamodb").put_item(TableName=table.name, Item=to_item(row))
