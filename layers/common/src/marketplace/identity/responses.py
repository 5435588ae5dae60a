"""What is said of sessions."""

from typing import TypedDict

from marketplace.platform.api.responses import Time


class GuestSession(TypedDict):
    """A customer without an account."""

    customerId: str
    token: str
    """For ``Authorization: Bearer``."""
    expiresAt: Time


class ChatTicket(TypedDict):
    """Opens one WebSocket connection, once, within 30 seconds."""

    ticket: str
    expiresAt: Time


class SignedOut(TypedDict):
    """Every session of a user has ended; sign-ins up to ``signedOutAt`` no longer count."""

    userId: str
    signedOutAt: Time
    closedConnections: int
