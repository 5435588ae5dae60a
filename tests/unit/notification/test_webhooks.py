"""Webhooks are signed after the standard, retried for a day, and switched off after three days of failures."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from marketplace.notification.webhooks.model import (
    SECRET_PREFIX,
    Webhook,
    WebhookDeliveryStatus,
    new_secret,
    new_webhook_delivery,
    signed_headers,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
WEBHOOK = Webhook(
    webhook_id="w-1",
    url="https://hooks.example.com/",
    events=("booking.created",),
    secret=new_secret(),
    created_at=NOW,
    updated_at=NOW,
)
DELIVERY = new_webhook_delivery(
    "w-1", event_id="evt_1", event="booking.created", body="{}", booking_id="b-1", at=NOW, now=NOW
)


def test_the_example_of_the_standard_is_signed_as_it_says() -> None:
    headers = signed_headers(
        '{"test": 2432232314}',
        event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        now=datetime.fromtimestamp(1_614_265_330, UTC),
    )
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_are_fresh_and_written_as_the_standard_has_them() -> None:
    assert new_secret().startswith(SECRET_PREFIX)
    assert new_secret() != new_secret()


def test_the_first_retry_is_within_a_minute_and_a_day_later_it_is_given_up() -> None:
    now, tried, tries = NOW, DELIVERY, []
    while tried.status is WebhookDeliveryStatus.QUEUED:
        tried = tried.claimed(now).tried(now=now, response_status=500, reason="refused")
        tries.append(now)
        now = tried.due_at
    assert tries[1] - tries[0] < timedelta(minutes=1)
    assert all(later - earlier >= timedelta(seconds=20) for earlier, later in pairwise(tries))
    assert tries[-1] <= NOW + timedelta(hours=24)
    assert tried.status is WebhookDeliveryStatus.FAILED
    assert (tried.line, tried.due_shard) == (None, None)


def test_who_fails_for_three_days_is_switched_off_and_who_answers_begins_anew() -> None:
    failing = WEBHOOK.failed(NOW)
    assert failing.failed(NOW + timedelta(days=2, hours=23)).active
    assert not failing.failed(NOW + timedelta(days=3)).active
    assert failing.answered().failing_since is None
    assert failing.answered().failed(NOW + timedelta(days=4)).active


def test_switching_it_on_again_forgets_its_failures() -> None:
    off = WEBHOOK.failed(NOW).failed(NOW + timedelta(days=3))
    again = off.changed(url=None, events=None, active=True, now=NOW)
    assert (again.active, again.failing_since, again.retry_at, again.switched_off_at) == (True, None, None, None)


def test_a_change_that_comes_twice_is_the_same_telling() -> None:
    again = new_webhook_delivery(
        "w-1", event_id="evt_1", event="booking.created", body="{}", booking_id="b-1", at=NOW, now=NOW + timedelta(1)
    )
    assert again.delivery_id == DELIVERY.delivery_id


def test_later_events_of_a_booking_come_after_earlier_ones_in_its_line() -> None:
    later = new_webhook_delivery(
        "w-1",
        event_id="evt_0",
        event="booking.confirmed",
        body="{}",
        booking_id="b-1",
        at=NOW + timedelta(milliseconds=1),
        now=NOW,
    )
    assert later.line == DELIVERY.line
    assert later.delivery_id > DELIVERY.delivery_id
