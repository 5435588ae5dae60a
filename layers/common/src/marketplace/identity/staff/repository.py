"""Members of staff in the tables."""

from collections.abc import Mapping
from typing import Any, Final, final

from marketplace.identity.staff.model import Owners, StaffMember
from marketplace.platform.dynamodb.actions import Action, Condition, ConditionRefused, Put, Update, absent, at_version
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Store

OWNERS_KEY: Final = "#owners"
"""The key of the row of all active owners; no id of a person begins so."""
_LISTED: Final = "staff"


@final
class Staff:
    """The members of staff, and which of them are active owners."""

    def __init__(self, store: Store) -> None:
        """Keep them in ``store``."""
        self._store = store

    def find(self, user_id: str) -> StaffMember | None:
        """Return a member, None if there is none of that id."""
        item = self._store.get("staff", {"userId": user_id})
        return None if item is None else from_record(StaffMember, item)

    def load(self, user_id: str) -> tuple[StaffMember | None, Owners]:
        """Return a member, if there is one, with all active owners, in one read."""
        member, owners = self._store.batch_get([("staff", {"userId": user_id}), ("staff", {"userId": OWNERS_KEY})])
        return (
            None if member is None else from_record(StaffMember, member),
            Owners() if owners is None else from_record(Owners, owners),
        )

    def find_page(
        self, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[list[StaffMember], Mapping[str, Any] | None]:
        """Return a page of all members by their ids, with where it goes on."""
        page = self._store.query(
            "staff",
            index="byListed",
            where=Condition(expression="#listed = :listed", values={"listed": _LISTED}),
            limit=limit,
            start=start,
        )
        return readable_records(StaffMember, page.items, key="userId"), page.next_key

    def note_second_factor(self, member: StaffMember) -> None:
        """Note that a member was seen to have a second factor."""
        try:
            self._store.write(
                Update(
                    label="second-factor",
                    table="staff",
                    key={"userId": member.user_id},
                    condition=at_version(member.version),
                    assign={"mfaEnabled": True},
                )
            )
        except ConditionRefused:
            return  # they have changed meanwhile; it is noted at their next call

    @staticmethod
    def saving(member: StaffMember, *, read_version: int) -> Put:
        """Return the action that writes a member unless it has changed since it was read (0: was absent)."""
        condition = absent("userId") if read_version == 0 else at_version(read_version)
        item = {**to_record(member), "listed": _LISTED}
        return Put(label="staff", table="staff", item=item, condition=condition)

    @staticmethod
    def saving_owners(owners: Owners, before: Owners) -> list[Action]:
        """Return the action that writes the active owners, none if they are the same people as before."""
        if owners.user_ids == before.user_ids:
            return []
        item = {"userId": OWNERS_KEY, "userIds": list(owners.user_ids), "version": before.version + 1}
        return [Put(label="owners", table="staff", item=item, condition=at_version(before.version))]
