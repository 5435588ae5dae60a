"""Tickets for the WebSocket: sealed, good for thirty seconds, and used up by the first connect."""

from datetime import datetime, timedelta
from typing import Final

from marketplace.identity.responses import ChatTicket
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller, Duty, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.language import Language
from marketplace.platform.refusals import Unauthenticated
from marketplace.platform.signing import Signer

GOOD_FOR: Final = timedelta(seconds=30)
_PURPOSE: Final = "chat-ticket"


def ticket_for(caller: Caller, seal: Signer, now: datetime) -> ChatTicket:
    """Return a fresh ticket for a caller, as the wire writes it."""
    until = now + GOOD_FOR
    payload = {
        "id": identifiers.fresh(),
        "user": caller.user_id,
        "role": caller.role.value,
        "language": caller.language.value,
        "signedInAt": caller.signed_in_at,
        "duties": sorted(caller.duties),
    }
    return {"ticket": seal.close(_PURPOSE, payload, until=until), "expiresAt": format_utc(until)}


def read_ticket(ticket: str, seal: Signer, now: datetime) -> tuple[str, Caller]:
    """Return the id of a ticket and whom it lets in.

    Raises:
        Unauthenticated: it is altered or too old.
    """
    content = seal.open(_PURPOSE, ticket, now=now, otherwise=Unauthenticated())
    return content["id"], Caller(
        user_id=content["user"],
        role=Role(content["role"]),
        language=Language(content["language"]),
        signed_in_at=content["signedInAt"],
        duties=frozenset(Duty(duty) for duty in content.get("duties", ())),
    )
