"""What the template tells the functions that take payments; without a provider nobody can pay by QRIS."""

import os
from collections.abc import Mapping
from functools import cache
from typing import final

from msgspec import Struct


@final
class PaymentSettings(Struct, frozen=True, kw_only=True):
    """Who takes payments, where it is, and which secret holds what we know each other by; empty where there is none."""

    provider: str
    api_url: str
    secret_id: str


@cache
def payment_settings() -> PaymentSettings:
    """Return the settings of this execution environment."""
    return read_payment_settings(os.environ)


def read_payment_settings(environment: Mapping[str, str]) -> PaymentSettings:
    """Read the settings from environment variables."""
    return PaymentSettings(
        provider=environment.get("PAYMENT_PROVIDER", "").strip(),
        api_url=environment.get("PAYMENT_API_URL", "").strip(),
        secret_id=environment.get("PAYMENT_SECRET_ID", "").strip(),
    )
