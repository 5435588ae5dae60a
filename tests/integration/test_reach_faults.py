"""A provider that is down, slow, throttles or answers nonsense delays nobody's booking and loses no message."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from marketplace import bootstrap
from marketplace.notification.channels.model import Failure
from marketplace.notification.delivery import Channel, Subject, new_delivery
from marketplace.notification.delivery_repository import Ticket
from marketplace.platform.clock import utc_now
from marketplace.platform.language import Language
from marketplace.services.notification.reach import Sent
from tests.integration.deliveries import Reached, reaching

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

PASSING = (Failure.NO_ANSWER, Failure.GARBLED_ANSWER, Failure.THROTTLED, Failure.PROVIDER_FAILED)


@pytest.fixture
def reached(tables: Mapping[str, "Table"], monkeypatch: pytest.MonkeyPatch) -> Iterator[Reached]:
    with reaching(tables, monkeypatch) as found:
        yield found


def something_to_say(channel: Channel = Channel.PUSH) -> str:
    delivery = new_delivery(
        "d-1",
        event=Subject.MONEY,
        channel=channel,
        template="commission_due",
        language=Language.ENGLISH,
        user_id="t-ayu",
        parameters={"role": "therapist", "words": {}},
        now=utc_now(),
    )
    assert bootstrap.deliveries().add(delivery)
    return delivery.delivery_id


@pytest.mark.parametrize("failure", PASSING)
def test_what_passes_is_tried_again_within_a_minute_and_then_sent(reached: Reached, failure: Failure) -> None:
    something_to_say()
    provider, now = reached.providers[Channel.PUSH], utc_now()
    provider.fails = failure
    assert reached.send_due(now) == [Sent.AGAIN]
    assert [delay for _, _, delay in reached.queues.put_for] == [20]
    provider.fails = None
    assert Sent.SENT in reached.send_due(now + timedelta(seconds=20))
    (row,) = reached.rows()
    assert (row["status"], int(row["attempts"]), len(provider.sent)) == ("sent", 2, 1)


def test_a_provider_that_is_down_for_an_hour_ends_in_failed_and_is_due_no_more(reached: Reached) -> None:
    something_to_say()
    reached.providers[Channel.PUSH].fails = Failure.PROVIDER_FAILED
    began = utc_now()
    outcomes = [outcome for minute in range(70) for outcome in reached.send_due(began + timedelta(minutes=minute))]
    (row,) = reached.rows()
    assert (row["status"], row["reason"]) == ("failed", "provider_failed")
    assert "dueShard" not in row
    assert outcomes.count(Sent.FAILED) == 1
    assert int(row["attempts"]) >= 6


def test_what_a_provider_refuses_is_not_tried_again(reached: Reached) -> None:
    something_to_say()
    provider = reached.providers[Channel.PUSH]
    provider.fails, provider.is_final = Failure.REFUSED, True
    assert reached.send_due() == [Sent.FAILED]
    assert reached.send_due(utc_now() + timedelta(hours=2)) == []


def test_a_message_of_the_queue_that_comes_twice_sends_once(reached: Reached) -> None:
    ticket = Ticket(delivery_id=something_to_say(), attempt=1)
    outcomes = [bootstrap.reach().send(ticket, utc_now()) for _ in range(3)]
    assert outcomes == [Sent.SENT, Sent.NOT_OURS, Sent.NOT_OURS]
    assert len(reached.providers[Channel.PUSH].sent) == 1


def test_who_dies_between_claim_and_outcome_leaves_it_to_the_sweep(reached: Reached) -> None:
    delivery_id, now = something_to_say(), utc_now()
    found = bootstrap.deliveries().find(delivery_id)
    assert found is not None
    assert bootstrap.deliveries().save(found, found.claimed(now))
    assert reached.send_due(now) == []
    assert reached.send_due(now + timedelta(minutes=3)) == [Sent.SENT]


def test_somebody_without_an_address_is_skipped(reached: Reached) -> None:
    reached.providers[Channel.PUSH].fails = Failure.GONE
    something_to_say()
    assert reached.send_due() == [Sent.SKIPPED]
    assert reached.rows()[0]["reason"] == "no_address"
