"""What the template tells the functions that reach people; a channel without its settings is off."""

import os
from collections.abc import Mapping
from functools import cache
from typing import final

from msgspec import Struct

from marketplace.notification.delivery import Channel


@final
class ReachSettings(Struct, frozen=True, kw_only=True):
    """Addresses, senders and queues; empty where there is none."""

    whats_app_api_url: str
    whats_app_number_id: str
    whats_app_secret_id: str
    email_api_url: str
    email_sender: str
    sms_api_url: str
    sms_sender: str
    push_secret_id: str
    push_contact: str
    on_laptop: bool
    """Whether addresses of this machine may be called."""
    webhook_queue: str
    queues: Mapping[Channel, str]


@cache
def reach_settings() -> ReachSettings:
    """Return the settings of this execution environment."""
    return read_reach_settings(os.environ)


def read_reach_settings(environment: Mapping[str, str]) -> ReachSettings:
    """Read the settings from environment variables."""

    def text(name: str) -> str:
        return environment.get(name, "").strip()

    return ReachSettings(
        whats_app_api_url=text("WHATS_APP_API_URL"),
        whats_app_number_id=text("WHATS_APP_NUMBER_ID"),
        whats_app_secret_id=text("WHATS_APP_SECRET_ID"),
        email_api_url=text("EMAIL_API_URL"),
        email_sender=text("EMAIL_SENDER"),
        sms_api_url=text("SMS_API_URL"),
        sms_sender=text("SMS_SENDER"),
        push_secret_id=text("PUSH_SECRET_ID"),
        push_contact=text("PUSH_CONTACT"),
        on_laptop=bool(text("LAPTOP")),
        webhook_queue=text("WEBHOOK_QUEUE_URL"),
        queues={channel: text(f"{channel.name}_QUEUE_URL") for channel in Channel},
    )
