"""What the template tells the functions, read once from the environment and checked at the first reading."""

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import final

from msgspec import Struct


class SettingsError(RuntimeError):
    """A setting is missing or of the wrong form; the message names it."""


@final
class Settings(Struct, frozen=True, kw_only=True):
    """Every setting of the marketplace's functions."""

    table_prefix: str
    response_window: timedelta
    commission_rate_bps: int
    commission_due_days: int
    chat_retention: timedelta
    media_retention: timedelta
    rate_limit_scale: int
    require_admin_mfa: bool
    allowed_origins: tuple[str, ...]
    sealing_secret_id: str
    websocket_management_url: str
    user_pool_id: str
    user_pool_client_id: str
    token_issuer: str
    token_keys_url: str
    parked_changes_queue_url: str
    uploads_bucket: str
    bank_details_key_id: str
    event_bus_name: str


@cache
def settings() -> Settings:
    """Return the settings of this execution environment."""
    return read_settings(os.environ)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables.

    Raises:
        SettingsError: one is missing, empty or of the wrong form.
    """
    return Settings(
        table_prefix=_text(environment, "TABLE_PREFIX"),
        response_window=timedelta(seconds=_whole(environment, "RESPONSE_WINDOW_SECONDS", least=1)),
        commission_rate_bps=_whole(environment, "COMMISSION_RATE_BPS", least=0),
        commission_due_days=_whole(environment, "COMMISSION_DUE_DAYS", least=0),
        chat_retention=timedelta(days=_whole(environment, "CHAT_RETENTION_DAYS", least=1)),
        media_retention=timedelta(days=_whole(environment, "MEDIA_RETENTION_DAYS", least=1)),
        rate_limit_scale=_whole(environment, "RATE_LIMIT_SCALE", least=1),
        require_admin_mfa=_text(environment, "REQUIRE_ADMIN_MFA") == "true",
        allowed_origins=tuple(
            origin.strip() for origin in _text(environment, "ALLOWED_ORIGINS").split(",") if origin.strip()
        ),
        sealing_secret_id=_text(environment, "SEALING_SECRET_ID"),
        websocket_management_url=_text(environment, "WEBSOCKET_MANAGEMENT_URL"),
        user_pool_id=_text(environment, "USER_POOL_ID"),
        user_pool_client_id=_text(environment, "USER_POOL_CLIENT_ID"),
        token_issuer=_text(environment, "TOKEN_ISSUER"),
        token_keys_url=_text(environment, "TOKEN_KEYS_URL"),
        parked_changes_queue_url=_text(environment, "PARKED_CHANGES_QUEUE_URL"),
        uploads_bucket=_text(environment, "UPLOADS_BUCKET"),
        bank_details_key_id=_text(environment, "BANK_DETAILS_KEY_ID"),
        event_bus_name=_text(environment, "EVENT_BUS_NAME"),
    )


def _text(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        message = f"the environment variable {name} is missing or empty"
        raise SettingsError(message)
    return value


def _whole(environment: Mapping[str, str], name: str, *, least: int) -> int:
    text = _text(environment, name)
    if not text.isdecimal() or int(text) < least:
        message = f"the environment variable {name} must be a whole number of at least {least}"
        raise SettingsError(message)
    return int(text)
