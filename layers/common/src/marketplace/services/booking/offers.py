"""What else admins offer: hotels and villas that guests can name, and discount codes."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime
from typing import Any, Final, final

from marketplace.catalogue.discount.model import DiscountCode, DiscountKind
from marketplace.catalogue.discount.requests import (
    BACKWARDS,
    TOO_LARGE,
    DiscountCodeChange,
    NewDiscountCode,
    ends_before_it_begins,
)
from marketplace.catalogue.place.hotel import INACTIVE, LISTED, Hotel
from marketplace.catalogue.place.hotel_requests import HotelChange, NewHotel
from marketplace.catalogue.repository import Catalogue, discount_code_key, hotel_key
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.actions import Action, Condition, Put, TransactionRefused, Update, absent, present
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.records import to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.money import BASIS_POINTS
from marketplace.platform.refusals import AlreadyExists, InvalidTransition, ValidationFailed
from marketplace.services.catalogue.desk import ids_for

_UNTOLD: Final = frozenset({"version", "listed", "used"})
"""What the audit log leaves out: how a row is kept."""


@final
class OfferCommands:
    """What admins do to hotels and discount codes; each change leaves its line in the audit log in its transaction."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        """Work on this repository."""
        self._store = store
        self._catalogue = catalogue

    # Hotels -----------------------------------------------------------------------------------------

    def add_hotel(self, asked: NewHotel, *, by: Caller, now: datetime) -> Hotel:
        """Add a hotel or villa.

        Raises:
            AlreadyExists: there is one of that id.
        """
        for hotel_villa_id in [asked.hotel_villa_id] if asked.hotel_villa_id else ids_for(asked.name):
            hotel = asked.as_domain(hotel_villa_id)
            row = to_record(hotel)
            adding = Put(label="hotel", table="hotels", item=row, condition=absent("hotelVillaId"))
            if self._is_saved(adding, hotel_villa_id, "hotel_added", None, row, by, now):
                return hotel
        raise AlreadyExists

    def change_hotel(self, hotel_villa_id: str, asked: HotelChange, *, by: Caller, now: datetime) -> Hotel:
        """Change the given parts of a hotel; bookings that name it keep what they were told.

        Raises:
            NotFound: there is no such hotel.
        """

        def attempt() -> Hotel | None:
            before = self._catalogue.hotel(hotel_villa_id)
            listed = before.listed if asked.active is None else LISTED if asked.active else INACTIVE
            after = replace(before, **asked.given(), listed=listed, version=before.version + 1)
            old, new = _row(before, active=before.is_active), _row(after, active=after.is_active)
            key = hotel_key(hotel_villa_id)[1]
            saving = Update(
                label="hotel",
                table="hotels",
                key=key,
                condition=_unchanged(before.version),
                assign={name: value for name, value in to_record(after).items() if name not in key},
            )
            return after if self._is_saved(saving, hotel_villa_id, "hotel_changed", old, new, by, now) else None

        return retry_on_conflict(attempt)

    # Discount codes ---------------------------------------------------------------------------------

    def add_code(self, asked: NewDiscountCode, *, by: Caller, now: datetime) -> DiscountCode:
        """Add a discount code.

        Raises:
            AlreadyExists: there is one, retired or not.
            ValidationFailed: it would be over before it begins.
        """
        code = asked.as_domain()
        _check_not_over(code, now)
        row = to_record(code)
        adding = Put(label="code", table="discount_codes", item=row, condition=absent("discountCode"))
        if not self._is_saved(adding, code.discount_code, "discount_code_added", None, row, by, now):
            raise AlreadyExists
        return code

    def change_code(self, code: str, asked: DiscountCodeChange, *, by: Caller, now: datetime) -> DiscountCode:
        """Change the given parts of a code; bookings that use it keep what it took off.

        Raises:
            NotFound: there is no such code.
            InvalidTransition: kind or value would change though it is used.
            ValidationFailed: a share over the whole, or a time that runs backwards.
        """

        def attempt() -> DiscountCode | None:
            before = self._catalogue.discount_code(code)
            after = replace(before, **asked.given(), version=before.version + 1)
            is_worth_else = (before.kind, before.value) != (after.kind, after.value)
            if is_worth_else and before.used > 0:
                raise InvalidTransition
            _check_sound(after)
            old, new = to_record(before), to_record(after)
            changed = {name: value for name, value in new.items() if old[name] != value}
            condition = _unchanged(before.version)
            if is_worth_else:
                condition &= Condition(expression="#used = :none", values={"none": 0})
            saving = Update(
                label="code",
                table="discount_codes",
                key=discount_code_key(code)[1],
                condition=condition,
                assign={**changed, "listed": LISTED},
            )
            return after if self._is_saved(saving, code, "discount_code_changed", old, new, by, now) else None

        return retry_on_conflict(attempt)

    def _is_saved(  # noqa: PLR0913, PLR0917 - the change, and what the audit log says of it
        self,
        saving: Action,
        entity_id: str,
        action: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any],
        by: Caller,
        now: datetime,
    ) -> bool:
        audit_log = record_change(
            entity_id,
            action=action,
            before=None if before is None else _told(before),
            after=_told(after),
            by=by,
            now=now,
            version=int(after["version"]),
        )
        try:
            self._store.transact([saving, audit_log])
        except TransactionRefused:
            return False
        return True


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _UNTOLD}


def _row(hotel: Hotel, *, active: bool) -> dict[str, Any]:
    return {**to_record(hotel), "active": active}


def _unchanged(version: int) -> Condition:
    """Hold if the row is as it was read; rows of before there were versions are at their first one."""
    is_there = present("version") & Condition(expression="#version = :read", values={"read": version})
    return is_there | absent("version") if version == 1 else is_there


def _check_sound(code: DiscountCode) -> None:
    if code.kind is DiscountKind.SHARE and code.value > BASIS_POINTS:
        raise ValidationFailed.at("value", TOO_LARGE)  # noqa: EM101 - a path, no message
    if ends_before_it_begins(code.valid_from, code.valid_until):
        raise ValidationFailed.at("validUntil", BACKWARDS)  # noqa: EM101 - a path, no message


def _check_not_over(code: DiscountCode, now: datetime) -> None:
    if code.valid_until is not None and code.valid_until <= now:
        raise ValidationFailed.at("validUntil", "This lies in the past.")  # noqa: EM101 - a path, no message
