"""The bodies with which people say how to reach them."""

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, final
from zoneinfo import available_timezones

from pydantic import Field

from marketplace.notification.preferences import QuietHours
from marketplace.platform.api.request_model import Omissible, RequestModel
from marketplace.platform.api.text import Text

_BASE64URL: Final = "[A-Za-z0-9_-]+={0,2}"
_Base64 = Annotated[str, Text(1, 200, pattern=_BASE64URL, complaint="This must be base64url.")]
_Url = Annotated[str, Text(1, 2_000)]
_TimeOfDay = Annotated[
    str, Text(5, 5, pattern="(?:[01][0-9]|2[0-3]):[0-5][0-9]", complaint="This must be a time such as 22:00.")
]
_POINT: Final = 65
_SECRET: Final = 16


def _length(text: str) -> int:
    try:
        return len(urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)))
    except (ValueError, binascii.Error):
        return 0


@final
class GivenPushKeys(RequestModel):
    """The keys of a subscription, as ``PushSubscription.toJSON`` has them."""

    p256dh: Annotated[_Base64, Field(alias="p256dh")]
    auth: _Base64

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for keys of the right length."""
        if _length(self.p256dh) != _POINT:
            yield "p256dh", "This must be a public key of P-256."
        if _length(self.auth) != _SECRET:
            yield "auth", "This must be a secret of 16 bytes."


@final
class NewPushSubscription(RequestModel):
    """A browser's subscription."""

    endpoint: _Url
    keys: GivenPushKeys


@final
class GivenChannels(RequestModel):
    """Which channels shall be on for an event."""

    push: Omissible[bool] = None
    whats_app: Omissible[bool] = None
    email: Omissible[bool] = None


@final
class GivenEvents(RequestModel):
    """The channels by event."""

    offer: Omissible[GivenChannels] = None
    booking: Omissible[GivenChannels] = None
    message: Omissible[GivenChannels] = None
    reminder: Omissible[GivenChannels] = None
    money: Omissible[GivenChannels] = None


@final
class GivenQuietHours(RequestModel):
    """The hours in which news wait."""

    from_: Annotated[_TimeOfDay, Field(alias="from")]
    to: _TimeOfDay
    time_zone: Annotated[str, Text(1, 64)]

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a time zone that there is."""
        if self.time_zone not in available_timezones():
            yield "timeZone", "This must be an IANA time zone."


@final
class PreferencesChange(RequestModel):
    """The preferences that change; the others stay."""

    channels: Omissible[GivenEvents] = None
    quiet_hours: GivenQuietHours | None = None
    """Null takes the hours away."""
    shows_read: Omissible[bool] = None
    shows_presence: Omissible[bool] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a change."""
        if not self.model_fields_set:
            yield "", "Give at least one field to change."

    def as_change(self) -> Mapping[str, Any]:
        """Return what is given, by the names of the stored fields."""
        change: dict[str, Any] = {
            name: getattr(self, name) for name in ("shows_read", "shows_presence") if name in self.model_fields_set
        }
        if self.channels is not None:
            given = self.channels.model_dump(by_alias=True, exclude_unset=True)
            change["channels"] = given
        if "quiet_hours" in self.model_fields_set:
            hours = self.quiet_hours
            change["quiet_hours"] = hours and QuietHours(start=hours.from_, end=hours.to, time_zone=hours.time_zone)
        return change
