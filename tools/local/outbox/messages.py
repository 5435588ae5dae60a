"""What would have arrived, at whom and over which channel."""

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, final

CHANNELS: Final = ("push", "whatsApp", "email", "sms")
_MOST_KEPT: Final = 10_000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as its receiver would see it; ``to`` is a number in E.164, an e-mail address or a push endpoint."""

    channel: str
    to: str
    text: str
    at: str = ""
    template: str | None = None
    language: str | None = None
    subject: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@final
class Messages:
    """Every message so far, in the order of arrival; kept in a file if one is named."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._kept: list[Message] = []
        if file is not None and file.exists():
            lines = file.read_text(encoding="utf-8").splitlines()
            self._kept = [Message(**json.loads(line)) for line in lines[-_MOST_KEPT:]]

    def add(self, message: Message) -> Message:
        """Keep a message, with the time of its arrival."""
        arrived = Message(**{**asdict(message), "at": message.at or now()})
        with self._lock:
            self._kept.append(arrived)
            del self._kept[:-_MOST_KEPT]
            if self._file is not None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(arrived), ensure_ascii=False) + "\n")
        return arrived

    def find(self, *, to: str | None, channel: str | None, others: Iterable[Message] = ()) -> list[dict[str, Any]]:
        """Return the messages to somebody over a channel, newest first; None means any."""
        with self._lock:
            kept = [*self._kept, *others]
        found = [each for each in kept if to in {None, each.to} and channel in {None, each.channel}]
        return [asdict(each) for each in sorted(found, key=lambda each: each.at, reverse=True)]


def now() -> str:
    """Return the present instant as the wire writes it."""
    return at(datetime.now(UTC))


def at(instant: datetime) -> str:
    """Return an instant as the wire writes it."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
