"""The environment in which functions of a market run."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from marketplace import bootstrap
from marketplace.chat import translation
from marketplace.notification import reach_settings
from marketplace.platform import settings
from tests.cloudformation import load_template
from tests.dynamodb_expressions import Attributes


def environment() -> dict[str, str]:
    """Return the variables that every function has."""
    return {
        "TABLE_PREFIX": "marketplace-test-",
        "PROOF_KEY_ID": "proofs",
        "PHOTOS_BUCKET": "marketplace-test-web-123456789012",
        "PHOTOS_URL": "https://market.example.com",
        "ALARM_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:marketplace-test-alarms",
        "RESPONSE_WINDOW_SECONDS": "900",
        "COMMISSION_RATE_BPS": "3000",
        "COMMISSION_DUE_DAYS": "7",
        "CHAT_RETENTION_DAYS": "180",
        "MEDIA_RETENTION_DAYS": "30",
        "RATE_LIMIT_SCALE": "100",
        "REQUIRE_ADMIN_MFA": "false",
        "ALLOWED_ORIGINS": "https://web.example.com",
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_METRICS_NAMESPACE": "Marketplace",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "LAPTOP": "yes",
        "TRANSLATION": "on",
        "TRANSLATION_CHARACTERS_PER_ROOM": "200",
        **{name: f"https://example.com/{name.lower()}" for name in _OF_SOME_FUNCTIONS},
        **{
            name: f"https://example.com/{name.lower()}"
            for name in load_template()["Globals"]["Function"]["Environment"]["Variables"]
            if name not in _SETTINGS_OF_THEIR_OWN
        },
    }


_OF_SOME_FUNCTIONS: Final = (
    "PUSH_SECRET_ID",
    *(f"{channel}_QUEUE_URL" for channel in ("WHATS_APP", "EMAIL", "SMS", "PUSH", "WEBHOOK")),
)


_SETTINGS_OF_THEIR_OWN: Final = frozenset(
    {
        "TABLE_PREFIX",
        "RESPONSE_WINDOW_SECONDS",
        "COMMISSION_RATE_BPS",
        "COMMISSION_DUE_DAYS",
        "CHAT_RETENTION_DAYS",
        "MEDIA_RETENTION_DAYS",
        "RATE_LIMIT_SCALE",
        "REQUIRE_ADMIN_MFA",
        "ALLOWED_ORIGINS",
        "POWERTOOLS_METRICS_NAMESPACE",
        "POWERTOOLS_LOG_LEVEL",
    }
)


def forget_everything() -> None:
    """Forget clients, breakers and settings, as a fresh execution environment has none."""
    for module in (bootstrap, settings, reach_settings, translation):
        for name, factory in vars(module).items():
            if hasattr(factory, "cache_clear") and name != "session":
                factory.cache_clear()


class _Direct:
    """The tables without breaker and retries."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def call(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = getattr(self._client, operation)(**parameters)
        return answer


KEYS_OF_CHANGED: Final[Mapping[str, Sequence[str]]] = {
    "bookings": ("bookingId",),
    "commission_records": ("bookingId",),
    "therapists": ("therapistId",),
    "notifications": ("userId", "notificationId"),
    "chat_messages": ("conversationId", "sequence"),
}
"""The keys of tables with a stream."""


def change_record(table: str, before: Attributes | None, after: Attributes | None, number: int = 0) -> dict[str, Any]:
    """Return a change as a stream brings it."""
    images: dict[str, Any] = {"SequenceNumber": f"{number:021d}"}
    if after is not None:
        images["NewImage"] = after
    if before is not None:
        images["OldImage"] = before
    images["Keys"] = {name: (after or before or {})[name] for name in KEYS_OF_CHANGED.get(table, ())}
    prefix = settings.settings().table_prefix
    return {
        "eventID": secrets.token_hex(16),
        "eventName": "INSERT" if before is None else "REMOVE" if after is None else "MODIFY",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": f"arn:aws:dynamodb:us-east-1:123456789012:table/{prefix}{table}/stream/2026",
        "dynamodb": images,
    }
