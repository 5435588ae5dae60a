"""Cursors: where a list goes on, sealed for one list of one caller."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, final

from msgspec import Struct

from marketplace.platform.refusals import ValidationFailed
from marketplace.platform.signing import Signer


@final
class Cursors(Struct, frozen=True):
    """Opens and closes cursors; the seal is fetched only when there is one."""

    seal: Callable[[], Signer]

    def close(self, of_list: str, position: Mapping[str, Any] | None) -> str | None:
        """Return the cursor of a position, or nothing at the end of the list."""
        return None if position is None else self.seal().close(f"cursor:{of_list}", position)

    def open(self, of_list: str, cursor: str | None, now: datetime) -> dict[str, Any] | None:
        """Return the position that a cursor holds.

        Raises:
            ValidationFailed: it is altered, or of another list.
        """
        if cursor is None:
            return None
        refused = ValidationFailed.at("cursor", "This is not a cursor of this list.")
        return self.seal().open(f"cursor:{of_list}", cursor, now=now, otherwise=refused)
