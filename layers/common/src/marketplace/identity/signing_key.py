"""The keys behind every seal and guest token: the present one signs, the one before it still counts.

A new value of the secret makes the former one ``AWSPREVIOUS`` by itself, so changing the key is one call and what
was signed before lives on until it expires. Source:
https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version.
"""

import time
from collections.abc import Callable, Iterator
from typing import Final, final

from botocore.exceptions import ClientError

from marketplace.platform.resilience import Dependency, error_code

type ReadVersion = Callable[[str], str | None]
"""Returns the secret's text at a stage, none where there is no such version."""

CURRENT: Final = "AWSCURRENT"
PREVIOUS: Final = "AWSPREVIOUS"
LOOKS_AGAIN_AFTER_SECONDS: Final = 60.0
"""Whoever sends one wrong token after another makes an execution environment ask for new keys this often at most."""


@final
class SigningKeys:
    """The keys that an execution environment knows; it asks for others when something signed does not fit them."""

    def __init__(self, read: ReadVersion, clock: Callable[[], float] = time.monotonic) -> None:
        """Read versions of the secret with ``read``."""
        self._read = read
        self._clock = clock
        self._known: tuple[str, ...] = ()
        self._looked_at: float | None = None

    def current(self) -> str:
        """Return the key to sign with.

        Raises:
            ServiceUnavailable: it cannot be read now.
        """
        if not self._known:
            self._known = self._versions(CURRENT)
        return self._known[0]

    def accepted(self) -> Iterator[str]:
        """Yield the keys under which a signature counts: those that are known, then those that a new look finds.

        Raises:
            ServiceUnavailable: they cannot be read now.
        """
        self.current()
        tried = self._known
        yield from tried
        now = self._clock()
        if self._looked_at is None or now - self._looked_at >= LOOKS_AGAIN_AFTER_SECONDS:
            self._known = self._versions(CURRENT, PREVIOUS)
            self._looked_at = now
        yield from (key for key in self._known if key not in tried)

    def _versions(self, *stages: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key for stage in stages if (key := self._read(stage)) is not None))


def reader(secrets: Dependency, secret_id: str) -> ReadVersion:
    """Return what reads a version of the secret; only a former one may be missing."""

    def read(stage: str) -> str | None:
        try:
            return str(secrets.call("get_secret_value", SecretId=secret_id, VersionStage=stage)["SecretString"])
        except ClientError as error:
            if stage == PREVIOUS and error_code(error) == "ResourceNotFoundException":
                return None
            raise

    return read
