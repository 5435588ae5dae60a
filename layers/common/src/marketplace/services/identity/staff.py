"""Who runs the marketplace: taking on members of staff, changing their duties, letting them go."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from copy import replace
from datetime import datetime
from typing import final

from marketplace.catalogue.repository import therapist_key
from marketplace.identity.sign_ins import SignIn, SignIns
from marketplace.identity.sign_outs import SignOuts
from marketplace.identity.staff.model import Owners, StaffMember, in_order
from marketplace.identity.staff.repository import Staff
from marketplace.platform.caller import Caller, Duty, Role
from marketplace.platform.dynamodb.actions import Action, Check, TransactionRefused, absent
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import AlreadyExists, NotFound


@final
class StaffCommands:
    """The use cases of staff; each changes the member, the owners, the sign-in and the audit log in one transaction."""

    def __init__(
        self,
        store: Store,
        staff: Staff,
        sign_ins: SignIns,
        sign_outs: SignOuts,
        roles_of: Callable[[str], AbstractSet[Role]],
    ) -> None:
        """Work on these repositories; ``roles_of`` says what somebody with an account of that name is already."""
        self._store = store
        self._staff = staff
        self._sign_ins = sign_ins
        self._sign_outs = sign_outs
        self._roles_of = roles_of

    def invite(  # noqa: PLR0913 - who, under which name, for what, by whom, when
        self, user_id: str, *, name: str, email: str, duties: frozenset[Duty], by: Caller, now: datetime
    ) -> StaffMember:
        """Take on a member of staff; the user pool mails them a temporary password.

        Raises:
            AlreadyExists: somebody has that id, a therapist, place or customer too.
            ServiceUnavailable: nobody can say now whose id it is.
        """
        member = StaffMember(
            user_id=user_id, name=name, email=email, duties=in_order(duties), created_at=now, updated_at=now
        )
        sign_in = SignIn(user_id=user_id, email=email, role=Role.ADMIN, invited_at=now)
        self._check_account(user_id)

        def attempt() -> StaffMember | None:
            found, owners = self._staff.load(user_id)
            if found is not None or self._sign_ins.find(user_id) is not None or self._is_therapist(user_id):
                raise AlreadyExists
            actions: list[Action] = [
                Staff.saving(member, read_version=0),
                _no_therapist(user_id),
                SignIns.saving(sign_in, read_version=0),
                record_change(user_id, action="staff_invited", before=None, after=_shown(member), by=by, now=now),
            ]
            if member.is_active_owner:
                actions += Staff.saving_owners(owners.after(member), owners)
            return member if self._won(actions) else None

        return retry_on_conflict(attempt)

    def change(  # noqa: PLR0913 - who, what of them, by whom, when
        self,
        user_id: str,
        *,
        name: str | None,
        duties: frozenset[Duty] | None,
        active: bool | None,
        by: Caller,
        now: datetime,
    ) -> StaffMember:
        """Change a member's name, duties, or whether they are active; None leaves a part as it is.

        Whoever becomes inactive is signed out everywhere and cannot sign in.

        Raises:
            NotFound: there is no such member.
            LastOwner: nobody would be left who may do everything.
        """

        def attempt() -> StaffMember | None:
            member, owners = self._staff.load(user_id)
            if member is None:
                raise NotFound
            changed = replace(
                member,
                name=member.name if name is None else name,
                duties=member.duties if duties is None else in_order(duties),
                active=member.active if active is None else active,
            )
            if changed == member:
                return member
            changed = replace(changed, version=member.version + 1, updated_at=now)
            actions: list[Action] = [
                Staff.saving(changed, read_version=member.version),
                *self._owners_after(owners, changed),
                record_change(
                    user_id, action="staff_changed", before=_shown(member), after=_shown(changed), by=by, now=now
                ),
            ]
            if changed.active is not member.active:
                sign_in = self._sign_ins.find(user_id)
                if sign_in is not None:
                    switched = sign_in.switched(enabled=changed.active)
                    actions.append(SignIns.saving(switched, read_version=sign_in.version))
                if not changed.active:
                    actions.append(self._sign_outs.adding(user_id, now=now))
            return changed if self._won(actions) else None

        return retry_on_conflict(attempt)

    def add_first_owner(self, user_id: str, *, email: str, now: datetime) -> StaffMember:
        """Make the first owner, or one where no active owner is left.

        Raises:
            AlreadyExists: there is an active owner, or the id is that of a therapist, place or customer.
            ServiceUnavailable: nobody can say now whose id it is.
        """
        by = Caller(user_id="system", role=Role.SYSTEM)
        self._check_account(user_id)

        def attempt() -> StaffMember | None:
            found, owners = self._staff.load(user_id)
            if owners.user_ids or self._is_therapist(user_id):
                raise AlreadyExists
            member = StaffMember(
                user_id=user_id,
                name=found.name if found else user_id,
                email=email,
                duties=(Duty.OWNER,),
                created_at=found.created_at if found else now,
                updated_at=now,
                version=(found.version if found else 0) + 1,
            )
            sign_in = self._sign_ins.find(user_id)
            invited = (
                SignIn(user_id=user_id, email=email, role=Role.ADMIN, invited_at=now)
                if sign_in is None
                else sign_in.invited_again(email=email, now=now).switched(enabled=True)
            )
            actions: list[Action] = [
                Staff.saving(member, read_version=found.version if found else 0),
                _no_therapist(user_id),
                *Staff.saving_owners(owners.after(member), owners),
                SignIns.saving(invited, read_version=sign_in.version if sign_in else 0),
                record_change(
                    user_id,
                    action="staff_invited",
                    before=_shown(found) if found else None,
                    after=_shown(member),
                    by=by,
                    now=now,
                ),
            ]
            return member if self._won(actions) else None

        return retry_on_conflict(attempt)

    @staticmethod
    def _owners_after(owners: Owners, changed: StaffMember) -> list[Action]:
        """Return what keeps the row of owners right; whoever was none and becomes none changes nothing."""
        if changed.user_id not in owners.user_ids and not changed.is_active_owner:
            return []
        return Staff.saving_owners(owners.after(changed), owners)

    def _check_account(self, user_id: str) -> None:
        """Refuse the id of somebody who signs in as anything else: they would become staff with their own password.

        It holds until the transaction, for nobody but an admin makes accounts, and leaves a row when they do.
        """
        if self._roles_of(user_id) - {Role.ADMIN}:
            raise AlreadyExists

    def _is_therapist(self, user_id: str) -> bool:
        """Say whether the id is that of a therapist or place, whose sign-in would have the same name."""
        return self._store.get(*therapist_key(user_id)) is not None

    def _won(self, actions: list[Action]) -> bool:
        try:
            self._store.transact(actions)
        except TransactionRefused:
            return False
        return True


def _no_therapist(user_id: str) -> Check:
    """Return the check that nobody who can be booked has the id."""
    table, key = therapist_key(user_id)
    return Check(label="no-therapist", table=table, key=key, condition=absent("therapistId"))


def _shown(member: StaffMember) -> dict[str, object]:
    """Return what the audit log keeps of a member: no name, no address."""
    return {"duties": [duty.value for duty in member.duties], "active": member.active}
