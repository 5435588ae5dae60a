"""What every channel to people has in common: one message, one attempt, and what can go wrong with it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Protocol, final

from msgspec import Struct

from marketplace.platform.language import Language

TIMEOUT_SECONDS: Final = 8.0
"""How long a provider may take: whoever waits for it is a queue, and nobody's booking."""


class Failure(StrEnum):
    """Why a provider has not taken a message."""

    NO_ANSWER = "no_answer"
    GARBLED_ANSWER = "garbled_answer"
    THROTTLED = "throttled"
    PROVIDER_FAILED = "provider_failed"
    REFUSED = "refused"
    GONE = "gone"
    """There is nobody at that address any more."""


class NotSent(Exception):  # noqa: N818 - it is an answer of a provider
    """A provider did not take a message; ``final`` says that a repeat would not help."""

    def __init__(self, reason: Failure, *, final: bool = False) -> None:
        """Say why."""
        super().__init__(reason.value)
        self.reason = reason
        self.final = final


@final
class Message(Struct, frozen=True, kw_only=True):
    """What one person gets over one channel, in their language."""

    to: str
    template: str
    language: Language
    subject: str
    text: str
    parameters: Mapping[str, str]
    """What a provider's template is filled with, by name."""
    data: Mapping[str, object]
    """What a program of the receiver's reads, such as the booking to open."""


class Gateway(Protocol):
    """One channel's provider."""

    def send(self, message: Message) -> None:
        """Hand a message over, in one attempt.

        Raises:
            NotSent: the provider did not take it, or did not say that it did.
        """
        ...


def failure_of(status: int) -> NotSent:
    """Return what an HTTP status of a provider means: throttling and its own failures pass, our mistakes do not."""
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return NotSent(Failure.THROTTLED)
    if status == 408 or status >= 500:  # noqa: PLR2004 - the provider's own failures
        return NotSent(Failure.PROVIDER_FAILED)
    return NotSent(Failure.REFUSED, final=True)
