"""Proving a WhatsApp number by a code, and finding again whose it is."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, final

from msgspec import Struct

from marketplace.identity.allowances import Allowance
from marketplace.identity.verification import (
    CODE_GOOD_FOR,
    CODE_USED,
    NumberOwner,
    SentCode,
    adding_code,
    code_key,
    is_code,
    noting_verified,
    owner_key,
    owning_number,
    taking_try,
    using_code,
    verified_key,
)
from marketplace.notification.delivery import Channel, Subject, new_delivery
from marketplace.notification.delivery_repository import adding_delivery
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Action, ConditionRefused, TransactionRefused
from marketplace.platform.dynamodb.audit_log import Change, history_put
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.language import Language
from marketplace.platform.refusals import ValidationFailed

CODE_TEMPLATE: Final = "sign_in_code"
_KEPT_FOR: Final = CODE_GOOD_FOR * 12


@final
class Verified(Struct, frozen=True, kw_only=True):
    """Whose a number is, now that it has been verified."""

    customer_id: str
    has_account: bool
    """Whether the caller has an account and stays who they are."""


@final
class GuestCodes:
    """The codes of telephone numbers."""

    def __init__(self, store: Store, keys: Callable[[], Iterable[str]]) -> None:
        """Keep codes in ``store``; ``keys`` are the signing keys that count."""
        self._store = store
        self._keys = keys

    def send(self, whats_app: str, *, by: Caller | None, allowances: Iterable[Allowance], now: datetime) -> datetime:
        """Have a new code sent to a number, by WhatsApp or else by SMS; return until when it counts.

        Raises:
            TooManyRequests: too many for the number, or by the caller.
        """
        code = SentCode(nonce=secrets.token_hex(16), expires_at=now + CODE_GOOD_FOR)
        delivery = new_delivery(
            f"d-{identifiers.fresh()}",
            event=Subject.CODE,
            channel=Channel.WHATS_APP,
            template=CODE_TEMPLATE,
            language=by.language if by else Language.ENGLISH,
            user_id=by.user_id if by else None,
            to=whats_app,
            parameters={"nonce": code.nonce},
            now=now,
            kept_for=_KEPT_FOR,
        )
        taken = {allowance.label: allowance for allowance in allowances}
        actions: list[Action] = [
            *(allowance.taking for allowance in taken.values()),
            adding_code(whats_app, code),
            adding_delivery(delivery),
        ]
        try:
            self._store.transact(actions)
        except TransactionRefused as refused:
            for label, allowance in taken.items():
                if label in refused.refused:
                    raise allowance.refusal() from None
            raise
        return code.expires_at

    def verify(self, whats_app: str, given: str, *, by: Caller | None, is_account: bool, now: datetime) -> Verified:
        """Use a code, once; whoever had the number verified before is who they were then.

        Raises:
            ValidationFailed: the code is wrong, too late, used, or was guessed at too often.
        """
        item = self._store.get(*code_key(whats_app))
        code = None if item is None else from_record(SentCode, item)
        if code is None or not code.is_open(now):
            raise _wrong()
        try:
            self._store.write(taking_try(whats_app, code, now))
        except ConditionRefused:
            raise _wrong() from None
        if not is_code(given, whats_app, code.nonce, self._keys()):
            raise _wrong()
        newcomer = by.user_id if by else f"c-{identifiers.fresh()}"
        return retry_on_conflict(
            lambda: self._claim(whats_app, code, newcomer=newcomer, is_account=is_account, now=now)
        )

    def _claim(
        self, whats_app: str, code: SentCode, *, newcomer: str, is_account: bool, now: datetime
    ) -> Verified | None:
        owner_item = self._store.get(*owner_key(whats_app))
        owner = None if owner_item is None else from_record(NumberOwner, owner_item)
        customer_id = newcomer if owner is None or is_account else owner.customer_id
        actions: list[Action] = [using_code(whats_app, code)]
        if owner is None and not is_account:
            actions.append(owning_number(whats_app, NumberOwner(customer_id=customer_id, verified_at=now)))
        if self._store.get(*verified_key(customer_id, whats_app)) is None:
            actions += [noting_verified(customer_id, whats_app, now), history_put(_verified(customer_id, now))]
        try:
            self._store.transact(actions)
        except TransactionRefused as refused:
            if CODE_USED in refused.refused:
                raise _wrong() from None
            return None
        return Verified(customer_id=customer_id, has_account=is_account)


def _verified(customer_id: str, now: datetime) -> Change:
    """Return the entry of the audit log; the number itself is in no entry."""
    return Change(
        entity_id=customer_id,
        entry_id=f"{format_utc(now)}#number-verified#{secrets.token_hex(4)}",
        at=now,
        version=1,
        actor=customer_id,
        actor_role=Role.CUSTOMER,
        action="number_verified",
        from_status=None,
        to_status="number_verified",
        reason=None,
        before=None,
        after={"verifiedAt": format_utc(now)},
    )


def _wrong() -> ValidationFailed:
    """Return the one refusal of a code, whatever is the matter with it."""
    return ValidationFailed.at("code", "This code is wrong or too late.")
