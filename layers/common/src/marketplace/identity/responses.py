"""What is said of sessions."""

from typing import TypedDict

from marketplace.platform.api.responses import Time


class GuestSession(TypedDict):
    """A customer without an account."""

    customerId: str
    token: str
    """For ``Authorization: Bearer``."""
    expiresAt: Time


class SentCodeView(TypedDict):
    """A code is on its way to the number."""

    expiresAt: Time
    """Until when it can be used."""


class VerifiedSession(TypedDict):
    """Who the owner of a verified number is."""

    customerId: str
    """That of the number where it was verified before, else the caller's."""
    token: str
    """For ``Authorization: Bearer``."""
    expiresAt: Time
    whatsApp: str


class ChatTicket(TypedDict):
    """Opens one WebSocket connection, once, within 30 seconds."""

    ticket: str
    expiresAt: Time


class SignedOut(TypedDict):
    """Every session of a user has ended; sign-ins up to ``signedOutAt`` no longer count."""

    userId: str
    signedOutAt: Time
    closedConnections: int
