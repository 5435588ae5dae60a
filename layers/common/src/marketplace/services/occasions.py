"""What a delivery says at the moment of sending, if it still has anything to say: its occasion is read anew."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, final

from msgspec import Struct

from marketplace.identity.verification import SentCode, code_key, code_of
from marketplace.notification.channels import Message
from marketplace.notification.delivery import Delivery
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.i18n import notified


@final
class Skip(Struct, frozen=True, kw_only=True):
    """There is nothing to say any more; why, in one word."""

    reason: str


@final
class Later(Struct, frozen=True, kw_only=True):
    """It is not the time for it; it is judged again then."""

    until: datetime


type Judgement = Message | Skip | Later
_CODE: Final = "code"


@final
class Occasions:
    """What deliveries are about."""

    def __init__(self, store: Store, signing_key: Callable[[], str]) -> None:
        """Read occasions in ``store``; codes follow from ``signing_key``."""
        self._store = store
        self._signing_key = signing_key

    def judge(self, delivery: Delivery, now: datetime) -> Judgement:
        """Return what to send now, or why not.

        Raises:
            ServiceUnavailable: what it is about cannot be read now.
        """
        return self._code(delivery, now)

    def _code(self, delivery: Delivery, now: datetime) -> Judgement:
        """A code is sent while it is the one that counts for its number."""
        if delivery.to is None:
            return Skip(reason="no_address")
        item = self._store.get(*code_key(delivery.to))
        code = None if item is None else from_record(SentCode, item)
        if code is None or code.nonce != delivery.parameters.get("nonce"):
            return Skip(reason="superseded")
        if not code.is_open(now):
            return Skip(reason="expired")
        digits = code_of(delivery.to, code.nonce, self._signing_key())
        title, body = notified(delivery.template, {_CODE: digits}, delivery.language)
        return Message(
            to=delivery.to,
            template=delivery.template,
            language=delivery.language,
            subject=title,
            text=body,
            parameters={_CODE: digits},
            data={},
        )
