"""A room as evidence: JSON Lines in which each line bears the hash of the one before, and the last one is signed.

A line is hashed as it stands, byte by byte, so that whoever checks it need not write JSON as we do. The signature is
made over the hash of the last line as RFC 8785 writes it without the signature.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, final

from msgspec import Struct

from marketplace.chat.model import Room
from marketplace.chat.repository import Rooms
from marketplace.operations.proof_of_books.model import FIRST_HASH, canonical
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.audit_log import History
from marketplace.platform.dynamodb.records import to_record
from marketplace.platform.resilience import Dependency

END: Final = "end"
MOST_BYTES: Final = 3_000_000
"""After which an answer ends: the gateway takes 6 MB, and a line's quotation marks are escaped on their way there."""
MESSAGES_AT_ONCE: Final = 500
_BEGINNING: Final[Mapping[str, Any]] = {"part": "room", "after": None, "line": 1, "previousHash": FIRST_HASH}
_NOT_TOLD: Final = frozenset({"watchers", "operationId"})


@final
class EvidenceRoom(Struct, frozen=True):
    """Writes rooms down for those who must be able to rely on it."""

    rooms: Rooms
    history: History
    kms: Dependency
    key_id: str

    def write(
        self, conversation_id: str, *, by: Caller, now: datetime, start: Mapping[str, Any] | None = None
    ) -> tuple[str, dict[str, Any] | None]:
        """Return a room as lines: the room, its messages with what was masked or hidden, and every change.

        What is longer than one answer can be goes on at the position that is returned with it; the texts one after
        the other are one file. Without a position the file is whole and signed.

        Raises:
            NotFound: there is no such room.
        """
        room, _, _ = self.rooms.load(conversation_id, by)
        at = dict(start or _BEGINNING)
        lines, size = list[str](), 0
        while at["part"] != END:
            if size >= MOST_BYTES:
                return "\n".join(lines) + "\n", at
            contents, position = self._stretch(room, at)
            for kind, content in contents:
                line = {"line": at["line"], "kind": kind, "content": content, "previousHash": at["previousHash"]}
                lines.append(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
                size += len(lines[-1].encode())
                at |= {"line": at["line"] + 1, "previousHash": hash_of_line(lines[-1])}
            at |= position
        previous = at["previousHash"]
        end = {
            "line": at["line"],
            "kind": END,
            "conversationId": conversation_id,
            "writtenAt": format_utc(now),
            "writtenBy": by.user_id,
            "previousHash": previous,
        }
        signed = self.kms.call(
            "sign",
            KeyId=self.key_id,
            Message=digest_of_end(end),
            MessageType="DIGEST",
            SigningAlgorithm="ECDSA_SHA_256",
        )
        signature: Any = signed["Signature"]
        lines.append(canonical({**end, "signature": base64.b64encode(signature).decode()}).decode())
        return "\n".join(lines) + "\n", None

    def _stretch(self, room: Room, at: Mapping[str, Any]) -> tuple[list[tuple[str, Mapping[str, Any]]], dict[str, Any]]:
        """Return what stands at a position, one read of it, and the position after it."""
        match at["part"]:
            case "room":
                shown = {name: value for name, value in to_record(room).items() if name not in _NOT_TOLD}
                return [("room", shown)], {"part": "messages", "after": 0}
            case "messages":
                page = self.rooms.messages(room.conversation_id, after=int(at["after"]), limit=MESSAGES_AT_ONCE)
                goes_on: dict[str, Any] = {"part": "changes", "after": None}
                if page.next_edge is not None:
                    goes_on = {"part": "messages", "after": page.next_edge}
                return [("message", to_record(message)) for message in page.messages], goes_on
            case _:
                found = self.history.find_page(room.conversation_id, start=at["after"])
                changes: list[tuple[str, Mapping[str, Any]]] = [
                    ("change", {name: value for name, value in entry.items() if name not in _NOT_TOLD})
                    for entry in found.items
                ]
                next_key = None if found.next_key is None else dict(found.next_key)
                return changes, {"part": END if next_key is None else "changes", "after": next_key}


def hash_of_line(line: str) -> str:
    """Return the hash that the next line bears, in hexadecimal."""
    return sha256(line.encode()).hexdigest()


def digest_of_end(end: Mapping[str, Any]) -> bytes:
    """Return what the signature of the last line is made over."""
    return sha256(canonical({name: value for name, value in end.items() if name != "signature"})).digest()


def breaks_in(lines: Sequence[str]) -> list[str]:
    """Return which lines are changed, missing, moved or cut off; the signature is judged elsewhere."""
    found, previous = list[str](), FIRST_HASH
    number = 0
    for number, raw in enumerate(lines, start=1):
        try:
            line = json.loads(raw)
        except ValueError:
            return [*found, f"line {number} is not JSON"]
        if not isinstance(line, dict) or line.get("line") != number:
            return [*found, f"line {number} is missing or moved"]
        if line.get("previousHash") != previous:
            return [*found, f"line {max(number - 1, 1)} was changed"]
        previous = hash_of_line(raw)
    if not lines or json.loads(lines[-1]).get("kind") != END:
        found.append(f"cut off after line {number}")
    return found
