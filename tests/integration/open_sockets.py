"""A gateway in memory at which every socket is open."""

import json
from typing import Any, Final, final

FRAMES: Final[list[tuple[str, Any]]] = []
"""What was sent over open sockets, and to whom."""


@final
class OpenSockets:
    """The gateway's management API, at which every socket is open."""

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - botocore's names
        """Note down a frame."""
        FRAMES.append((ConnectionId, json.loads(Data)))

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803 - botocore's names
        """Close a socket, whichever."""
