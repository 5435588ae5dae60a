"""Proving that a WhatsApp number is one's own: a code that was sent there, and whose number it is from then on.

The code itself is stored nowhere: it follows from the number, a random value of the row and the signing key, so that
only whoever has both can tell it, and whoever sends it works it out again.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, final

from marketplace.platform.clock import Instant, format_utc
from marketplace.platform.dynamodb.actions import Condition, Delete, Put, Update, absent
from marketplace.platform.dynamodb.records import to_record
from marketplace.platform.record import Record

CODE_GOOD_FOR: Final = timedelta(minutes=5)
TRIES: Final = 5
"""How often a code may be guessed at; never scaled."""
CODE_TAKEN: Final = "try-code"
CODE_USED: Final = "use-code"
_DIGITS: Final = 6
_KEPT_AFTER: Final = timedelta(hours=1)


@final
class SentCode(Record, frozen=True, kw_only=True):
    """The one code of a number that counts: the last that was asked for."""

    nonce: str
    expires_at: Instant
    tries: int = 0

    def is_open(self, now: datetime) -> bool:
        """Say whether it may still be tried."""
        return now < self.expires_at and self.tries < TRIES


@final
class NumberOwner(Record, frozen=True, kw_only=True):
    """The customer without an account whose number it is."""

    customer_id: str
    verified_at: Instant


def code_of(whats_app: str, nonce: str, key: str) -> str:
    """Return the six digits that follow from a number, the nonce of its code and a signing key."""
    digest = hmac.new(key.encode(), f"code:{whats_app}:{nonce}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 10**_DIGITS:0{_DIGITS}d}"


def is_code(given: str, whats_app: str, nonce: str, keys: Iterable[str]) -> bool:
    """Say whether a code is the one that was sent, under whichever key still counts."""
    return any(hmac.compare_digest(given.encode(), code_of(whats_app, nonce, key).encode()) for key in keys)


def code_key(whats_app: str) -> tuple[str, dict[str, str]]:
    """Return table and key of a number's code."""
    return "claims", {"claimKey": f"number#{whats_app}", "claimId": "code"}


def owner_key(whats_app: str) -> tuple[str, dict[str, str]]:
    """Return table and key of the customer whose number it is."""
    return "claims", {"claimKey": f"number#{whats_app}", "claimId": "owner"}


def verified_key(customer_id: str, whats_app: str) -> tuple[str, dict[str, str]]:
    """Return table and key of what says that a customer has verified a number."""
    return "claims", {"claimKey": f"verified#{customer_id}", "claimId": whats_app}


def adding_code(whats_app: str, code: SentCode) -> Put:
    """Return the action that makes a code the one that counts for a number."""
    table, key = code_key(whats_app)
    return Put(
        label="code",
        table=table,
        item={
            **key,
            **to_record(code),
            "expiresAtEpoch": int((code.expires_at + _KEPT_AFTER).timestamp()),
        },
        condition=Condition(
            expression="attribute_not_exists(#nonce) OR #nonce <> :nonce", values={"nonce": code.nonce}
        ),
    )


def taking_try(whats_app: str, code: SentCode, now: datetime) -> Update:
    """Return the action that takes one of the tries of a code that still counts."""
    table, key = code_key(whats_app)
    return Update(
        label=CODE_TAKEN,
        table=table,
        key=key,
        condition=Condition(
            expression="#nonce = :nonce AND #tries < :tries AND #expiresAt > :now",
            values={"nonce": code.nonce, "tries": TRIES, "now": format_utc(now)},
        ),
        add={"tries": 1},
    )


def using_code(whats_app: str, code: SentCode) -> Delete:
    """Return the action that uses a code up."""
    table, key = code_key(whats_app)
    condition = Condition(expression="#nonce = :nonce", values={"nonce": code.nonce})
    return Delete(label=CODE_USED, table=table, key=key, condition=condition)


def owning_number(whats_app: str, owner: NumberOwner) -> Put:
    """Return the action that gives a number that is nobody's yet to a customer."""
    table, key = owner_key(whats_app)
    return Put(label="owner", table=table, item={**key, **to_record(owner)}, condition=absent("claimKey"))


def noting_verified(customer_id: str, whats_app: str, now: datetime) -> Put:
    """Return the action that notes that a customer has verified a number, for the first time."""
    table, key = verified_key(customer_id, whats_app)
    item = {**key, "verifiedAt": format_utc(now)}
    return Put(label="verified", table=table, item=item, condition=absent("claimKey"))
