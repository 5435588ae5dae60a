"""The user pool's public keys: fetched in two seconds at most, kept for five minutes, never guessed.

Without fresh keys nobody is let in: an answer that cannot be checked is no answer. A token that names an
unknown key makes us look again, for keys are rotated, but not more often than once in half a minute: the
name is the sender's to choose.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, final

import jwt

from marketplace.platform.refusals import ServiceUnavailable, Unauthenticated

KEPT_SECONDS: Final = 300.0
FETCH_SECONDS: Final = 2.0
LOOK_AGAIN_SECONDS: Final = 30.0
PAUSE_AFTER_FAILURE_SECONDS: Final = 2.0
"""How long a failed fetch speaks for the next ones, so that callers do not all wait for a dead address."""


def fetcher(url: str) -> Callable[[], object]:
    """Return what fetches the key set's document from an address.

    What it returns raises ``jwt.PyJWKClientError`` or ``ValueError`` where there is no such document.
    """
    return jwt.PyJWKClient(url, cache_jwk_set=False, timeout=FETCH_SECONDS).fetch_data


@final
class TokenKeys:
    """The keys by their ids."""

    def __init__(self, fetch: Callable[[], object], *, now: Callable[[], float] = time.monotonic) -> None:
        """Take what fetches the document; ``now`` is there for tests with a clock of their own."""
        self._fetch = fetch
        self._now = now
        self._keys: Mapping[str | None, Any] = {}
        self._fetched_at: float | None = None
        self._failed_at: float | None = None

    def find(self, key_id: str) -> Any:  # noqa: ANN401 - a public key of the cryptography library
        """Return the public key of that id.

        Raises:
            Unauthenticated: the pool has no such key.
            ServiceUnavailable: the keys are not to be had now.
        """
        if not self._is_younger_than(KEPT_SECONDS):
            self._look()
        if key_id not in self._keys and not self._is_younger_than(LOOK_AGAIN_SECONDS):
            self._look()
        if key_id not in self._keys:
            raise Unauthenticated
        return self._keys[key_id]

    def _is_younger_than(self, seconds: float) -> bool:
        return self._fetched_at is not None and self._now() - self._fetched_at < seconds

    def _look(self) -> None:
        if self._failed_at is not None and self._now() - self._failed_at < PAUSE_AFTER_FAILURE_SECONDS:
            raise ServiceUnavailable
        try:
            found = jwt.PyJWKSet.from_dict(self._fetch())  # type: ignore[arg-type]  # it refuses whatever is no key set
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError, KeyError):
            self._failed_at = self._now()
            raise ServiceUnavailable from None
        self._keys = {key.key_id: key.key for key in found.keys if key.public_key_use in {"sig", None}}
        self._fetched_at, self._failed_at = self._now(), None
