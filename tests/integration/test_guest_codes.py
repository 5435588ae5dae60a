"""A number is verified by a code that was sent there; whoever verified it before is found again on a new telephone."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from marketplace import bootstrap
from marketplace.catalogue.policy.model import Policy, Verification
from marketplace.identity.tokens import guest_token
from marketplace.identity.verification import TRIES
from marketplace.notification.channels.model import Failure
from marketplace.notification.delivery import Channel
from marketplace.platform.caller import Caller
from marketplace.platform.clock import utc_now
from marketplace.platform.language import Language
from marketplace.platform.limits import CODES_OF_CALLER, CODES_OF_NUMBER
from tests.integration.deliveries import Reached, reaching
from tests.integration.gateway import Reply, call
from tests.integration.marketplace_scene import CUSTOMER, OTHER_CUSTOMER
from tools.local.demo_data import THERAPISTS

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

NUMBER = "+6281234567890"
OTHER_NUMBER = "+6281234567891"


@pytest.fixture
def reached(tables: Mapping[str, "Table"], monkeypatch: pytest.MonkeyPatch) -> Iterator[Reached]:
    with reaching(tables, monkeypatch) as found:
        yield found


def token_of(customer_id: str) -> dict[str, str]:
    token, _ = guest_token(customer_id, Language.INDONESIAN, bootstrap.sealing_key(), utc_now())
    return {"Authorization": f"Bearer {token}"}


def ask(number: str = NUMBER, **headers: str) -> Reply:
    return call("POST", "/guest-sessions/codes", by=None, body={"whatsApp": number}, headers=headers)


def verify(code: str, number: str = NUMBER, **headers: str) -> Reply:
    body = {"whatsApp": number, "code": code}
    return call("POST", "/guest-sessions/verify", by=None, body=body, headers=headers)


def code_sent(reached: Reached, channel: Channel = Channel.WHATS_APP) -> str:
    reached.send_due()
    return reached.providers[channel].sent[-1].parameters["code"]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def book(by: Caller, start: str) -> Reply:
    body = {
        "therapistId": "t-ayu",
        "bookingType": "scheduled",
        "scheduledTime": start,
        "duration": 60,
        "customerName": "Wayan",
        "customerWhatsApp": NUMBER,
        "location": {"address": "Jalan Hanoman 7"},
    }
    return call("POST", "/bookings", by=by, body=body)


def is_refused(reply: Reply) -> bool:
    return (reply.status, reply.code, reply.body["errors"][0]["path"]) == (422, "validation_failed", "code")


def test_a_code_arrives_at_the_number_and_makes_somebody_its_customer(reached: Reached) -> None:
    asked = ask()
    verified = verify(code_sent(reached))

    assert (asked.status, verified.status) == (201, 200)
    assert reached.providers[Channel.WHATS_APP].sent[0].to == NUMBER
    assert verified.body["whatsApp"] == NUMBER
    caller = bootstrap.token_reader().read(verified.body["token"])
    assert caller.user_id == verified.body["customerId"]


def test_a_number_verified_before_answers_with_its_own_customer_on_a_new_telephone(reached: Reached) -> None:
    ask(**token_of("c-first"))
    first = verify(code_sent(reached), **token_of("c-first"))
    ask(**token_of("c-second"))
    second = verify(code_sent(reached), **token_of("c-second"))

    assert first.body["customerId"] == "c-first"
    assert second.body["customerId"] == "c-first"


def test_a_new_number_keeps_the_callers_customer(reached: Reached) -> None:
    for number in (NUMBER, OTHER_NUMBER):
        ask(number, **token_of("c-wayan"))
        assert verify(code_sent(reached), number, **token_of("c-wayan")).body["customerId"] == "c-wayan"


def test_a_code_counts_once(reached: Reached) -> None:
    ask()
    code = code_sent(reached)
    assert verify(code).status == 200
    assert is_refused(verify(code))


def test_five_wrong_guesses_end_a_code(reached: Reached) -> None:
    ask()
    code = code_sent(reached)
    assert all(is_refused(verify(wrong(code))) for _ in range(TRIES))
    assert is_refused(verify(code))


def test_a_later_code_replaces_the_one_before(reached: Reached) -> None:
    ask()
    first = code_sent(reached)
    ask()
    second = code_sent(reached)
    assert first == second or is_refused(verify(first))
    assert verify(second).status == 200


def test_a_code_that_is_too_late_is_refused_and_sent_no_more(reached: Reached, monkeypatch: pytest.MonkeyPatch) -> None:
    ask()
    later = utc_now() + timedelta(minutes=5)
    assert [str(outcome) for outcome in reached.send_due(later)] == ["skipped"]
    ask()
    code = code_sent(reached)
    monkeypatch.setattr("marketplace.platform.api.http.utc_now", lambda: utc_now() + timedelta(minutes=5))
    assert is_refused(verify(code))


def test_a_code_goes_by_sms_where_whats_app_fails(reached: Reached) -> None:
    reached.providers[Channel.WHATS_APP].fails = Failure.PROVIDER_FAILED
    ask()
    reached.send_due()
    assert verify(code_sent(reached, Channel.SMS)).status == 200


def test_the_code_stands_in_no_row(reached: Reached) -> None:
    ask()
    code = code_sent(reached)
    rows: list[Any] = [table.scan()["Items"] for table in reached.tables.values()]
    assert code not in repr(rows)


def test_a_number_gets_three_codes_an_hour_and_a_caller_ten(reached: Reached) -> None:
    assert [ask().status for _ in range(CODES_OF_NUMBER.most + 1)] == [201, 201, 201, 429]
    others = (f"+62812345678{number}" for number in range(10, 10 + CODES_OF_CALLER.most))
    statuses = [ask(number).status for number in others]
    assert statuses == [201] * (CODES_OF_CALLER.most - CODES_OF_NUMBER.most) + [429] * CODES_OF_NUMBER.most
    assert len(reached.rows()) == CODES_OF_CALLER.most


def test_a_token_that_does_not_hold_is_refused(reached: Reached) -> None:
    assert ask(Authorization="Bearer nonsense").status == 401
    assert verify("123456", Authorization="Bearer nonsense").status == 401
    assert reached.rows() == []


def test_where_the_policy_asks_for_it_only_a_verified_number_books(reached: Reached) -> None:
    for therapist in THERAPISTS[:2]:
        bootstrap.catalogue().add_therapist(therapist)
    start = f"{(utc_now() + timedelta(days=2)).date().isoformat()}T04:00:00.000Z"
    required = Policy(version=1, verification=Verification.REQUIRED)
    bootstrap.store().write(bootstrap.policies().adding(required))

    refused = book(CUSTOMER, start)
    ask(**token_of(CUSTOMER.user_id))
    verify(code_sent(reached), **token_of(CUSTOMER.user_id))
    taken, another = book(CUSTOMER, start), book(OTHER_CUSTOMER, start)

    assert (refused.status, refused.code) == (403, "verification_required")
    assert taken.status == 201
    assert (another.status, another.code) == (403, "verification_required")
