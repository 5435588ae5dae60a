"""How people wish to be reached: channels by event, hours of rest, and what others may see of them."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, time, timedelta
from typing import Any, Final, final
from zoneinfo import ZoneInfo

from msgspec import field

from marketplace.notification.delivery import Channel, Subject
from marketplace.platform.dynamodb.actions import Put, TransactionRefused, absent, at_version
from marketplace.platform.dynamodb.records import from_record, to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.record import Record

CHOSEN_SUBJECTS: Final = (Subject.OFFER, Subject.BOOKING, Subject.MESSAGE, Subject.REMINDER, Subject.MONEY)
CHOSEN_CHANNELS: Final = (Channel.PUSH, Channel.WHATS_APP, Channel.EMAIL)


@final
class QuietHours(Record, frozen=True, kw_only=True):
    """From when until when nothing but offers may ring, as ``HH:MM`` in a zone; over midnight where that is earlier."""

    start: str
    end: str
    time_zone: str

    def ends_at(self, now: datetime) -> datetime | None:
        """Return when the rest in which an instant lies is over, nothing where it lies in none."""
        zone = ZoneInfo(self.time_zone)
        local = now.astimezone(zone)
        start, end = _clock(self.start), _clock(self.end)
        for day in (local.date() - timedelta(days=1), local.date()):
            begins = datetime.combine(day, start, zone)
            ends = datetime.combine(day + timedelta(days=end <= start), end, zone)
            if start != end and begins <= local < ends:
                return ends.astimezone(now.tzinfo)
        return None


def _clock(text: str) -> time:
    hours, _, minutes = text.partition(":")
    return time(int(hours) % 24, int(minutes))


@final
class Preferences(Record, frozen=True, kw_only=True):
    """The wishes of one person; whatever is not named is wished for."""

    user_id: str
    channels: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    quiet_hours: QuietHours | None = None
    shows_read: bool = True
    shows_presence: bool = True
    version: int = 0

    def allows(self, subject: Subject, channel: Channel) -> bool:
        """Say whether a channel is on for an event; texts and codes are not asked about."""
        return self.channels.get(subject.value, {}).get(channel.value, True)

    def changed(self, given: Mapping[str, Any]) -> "Preferences":
        """Return them with the parts that are given, merged; ``given`` by the names of the fields."""
        merged = {
            subject.value: {
                **self.channels.get(subject.value, {}),
                **given.get("channels", {}).get(subject.value, {}),
            }
            for subject in CHOSEN_SUBJECTS
        }
        others = {name: value for name, value in given.items() if name != "channels"}
        return replace(self, **others, channels=merged, version=self.version + 1)


@final
class PreferenceBook:
    """Everybody's preferences."""

    def __init__(self, store: Store) -> None:
        """Keep preferences in ``store``."""
        self._store = store

    def of(self, user_id: str) -> Preferences:
        """Return somebody's preferences; those who never chose wish for everything."""
        item = self._store.get("preferences", {"userId": user_id})
        return Preferences(user_id=user_id) if item is None else from_record(Preferences, item)

    def save(self, before: Preferences, after: Preferences, *, noted: Put) -> bool:
        """Save preferences, and the line of history, if nobody has changed them since; say whether that was so."""
        condition = absent("userId") if before.version == 0 else at_version(before.version)
        saving = Put(label="preferences", table="preferences", item=to_record(after), condition=condition)
        try:
            self._store.transact([saving, noted])
        except TransactionRefused:
            return False
        return True
