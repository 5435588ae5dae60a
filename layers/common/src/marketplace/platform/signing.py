"""Sealed texts: what a client carries for us and must not change (cursors, quotes, tickets).

A seal says what it is for, so that no text can be passed off as another kind. The signatures are
itsdangerous' (HMAC with SHA-256); the payload can be read by whoever holds it, only not altered.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, final

from itsdangerous import BadData, URLSafeSerializer

from marketplace.platform.clock import format_utc, parse_utc
from marketplace.platform.refusals import Refusal

_LONGEST: Final = 4_096


def pseudonym(of: str, key: str) -> str:
    """Return a name for something about a person that only who has the key can tell from another's."""
    return hmac.new(key.encode(), f"pseudonym:{of}".encode(), hashlib.sha256).hexdigest()[:32]


@final
class Signer:
    """Seals texts with the stack's key, and opens what any key that still counts has sealed."""

    def __init__(self, key: Callable[[], str], accepted: Callable[[], Iterable[str]] | None = None) -> None:
        """Seal with ``key`` and open with each of ``accepted``, with the same key without them."""
        self._key = key
        self._accepted = accepted or (lambda: (key(),))

    def close(self, purpose: str, payload: Mapping[str, Any], *, until: datetime | None = None) -> str:
        """Return the payload as an opaque text, good until an instant or for ever."""
        content = {**payload, "_until": format_utc(until)} if until else dict(payload)
        return str(_serializer(self._key(), purpose).dumps(content))

    def open(self, purpose: str, text: str, *, now: datetime, otherwise: Refusal) -> dict[str, Any]:
        """Return the payload of a sealed text.

        Raises:
            Refusal: ``otherwise``, when the text is altered, for another purpose, too old, or spelled otherwise
                than :meth:`close` spells it.
        """
        if len(text) > _LONGEST:
            raise otherwise
        content = next((found for key in self._accepted() if (found := _opened(key, purpose, text)) is not None), None)
        if content is None:
            raise otherwise
        until = content.pop("_until", None)
        if until is not None and now >= parse_utc(until):
            raise otherwise
        return content


def _opened(key: str, purpose: str, text: str) -> dict[str, Any] | None:
    """Return the payload of a text that was sealed with that key and is spelled as it was then, else nothing."""
    serializer = _serializer(key, purpose)
    try:
        content: dict[str, Any] = serializer.loads(text)
    except BadData:
        return None
    # Readers of base64 forgive padding, foreign characters and loose bits at the end: one seal, many texts.
    return content if serializer.dumps(content) == text else None


def _serializer(key: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        key, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )
