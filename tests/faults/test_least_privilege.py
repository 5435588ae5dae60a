"""Roles fit what functions do, both ways: nothing is missing, and nothing is there for nothing.

That nothing is missing every test of handlers in memory shows, for each call is judged by the role of its function.
That nothing is too much one busy day shows, on which every function does everything that it ever does.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import pytest

from tests import rights
from tests.cloudformation import Template, load_template
from tests.faults.busy_day import BusyDay, ColdMarket
from tests.faults.market import AYU, Market
from tests.faults.market_environment import environment, forget_everything
from tests.rights import Right, Watch

_TELLS_MISSING_FILES: Final = "S3 answers 404 for a file that is not there, and not 403, only to who may list"
_MEMBERS_TOKENS: Final = (
    "only the user pool signs the tokens of members; tests/local/test_staff_and_policies.py has them"
)
_SENDERS: Final = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*"
_PROVIDERS: Final = "providers are off in memory; tests/local/test_reaching.py has their stand-ins"
_PROVIDERS_SECRET: Final = (
    "the provider is a stand-in here; tests/local/test_ledger_and_payments.py has one with its secret"
)
_MISSING_IN_BOOKS: Final = "a repair enters what the ledger lacks, which takes a record of before the ledger"
_WARM_SEARCH: Final = (
    "only an environment that has searched before asks what changed since, and each is fresh on the busy day; "
    "tests/faults/test_running_the_catalogue.py has warm ones"
)
_TRANSLATE_ASKS: Final = "Amazon Translate asks for it in the caller's name, to find out the language of a text."
NEVER_SEEN: Final[Mapping[Right, str]] = {
    ("send_messages", "secretsmanager:GetSecretValue", "secret/whats-app-??????"): _PROVIDERS,
    ("send_messages", "sqs:SendMessage", "WhatsAppQueue"): _PROVIDERS,
    ("send_messages", "sns:Publish", "*"): _PROVIDERS,
    ("send_messages", "sqs:SendMessage", "SmsQueue"): _PROVIDERS,
    ("send_push", "dynamodb:DeleteItem", "table/push_subscriptions"): _PROVIDERS,
    ("send_messages", "ses:SendEmail", _SENDERS): _PROVIDERS,
    ("send_messages", "sqs:SendMessage", "EmailQueue"): _PROVIDERS,
    ("browse_catalogue", "dynamodb:Query", "table/therapists/index/changes"): _WARM_SEARCH,
    ("process_upload", "s3:ListBucket", "uploads"): _TELLS_MISSING_FILES,
    ("send_message", "s3:ListBucket", "uploads"): _TELLS_MISSING_FILES,
    ("submit_proof", "s3:ListBucket", "uploads"): _TELLS_MISSING_FILES,
    ("commission_audit", "dynamodb:PutItem", "table/ledger_entries"): _MISSING_IN_BOOKS,
    ("commission_audit", "dynamodb:UpdateItem", "table/claims"): _MISSING_IN_BOOKS,
    ("take_payments", "secretsmanager:GetSecretValue", "secret/payments-??????"): _PROVIDERS_SECRET,
    ("translate_messages", "comprehend:DetectDominantLanguage", "*"): _TRANSLATE_ASKS,
    ("authorize", "cognito-idp:AdminGetUser", "UserPool"): _MEMBERS_TOKENS,
    ("authorize", "dynamodb:GetItem", "table/staff"): _MEMBERS_TOKENS,
    ("authorize", "dynamodb:UpdateItem", "table/staff"): _MEMBERS_TOKENS,
}
"""Rights that no call shows, and why they are there."""


@pytest.fixture(scope="module")
def busy_day() -> Watch:
    """What was seen of rights on a busy day."""
    with pytest.MonkeyPatch.context() as patching:
        for name, value in environment().items():
            patching.setenv(name, value)
        market = ColdMarket(patching)
        BusyDay(market).pass_by()
    forget_everything()
    return market.rights


def unused(template: Template, used: Iterable[Right]) -> list[Right]:
    return sorted({*rights.granted(template)} - {*used} - {*rights.used_by_the_platform(template)} - {*NEVER_SEEN})


def test_every_right_of_a_role_is_used_or_has_its_reason(busy_day: Watch) -> None:
    assert unused(load_template(), busy_day.used) == []


def test_nothing_is_done_that_a_role_does_not_allow(busy_day: Watch) -> None:
    assert busy_day.used
    assert sorted(busy_day.missing) == []


def test_lambda_may_do_in_a_function_s_name_what_the_template_makes_it_do() -> None:
    assert {*rights.used_by_the_platform()} - {*rights.granted()} == set()


def test_no_reason_is_given_for_what_is_seen_or_not_granted(busy_day: Watch) -> None:
    assert NEVER_SEEN.keys() & busy_day.used == set()
    assert NEVER_SEEN.keys() - {*rights.granted()} == set()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("ReadBookingsRole", {"Action": "dynamodb:DeleteItem", "Resource": {"Fn::GetAtt": ["BookingsTable", "Arn"]}}),
        ("RingAgainRole", {"Action": "dynamodb:GetItem", "Resource": {"Fn::GetAtt": ["ClaimsTable", "Arn"]}}),
        ("OpenSessionRole", {"Action": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["BankDetailsKey", "Arn"]}}),
        ("RecordErrorsRole", {"Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["ParkedChangesQueue", "Arn"]}}),
    ],
)
def test_a_planted_right_that_nothing_uses_is_seen(busy_day: Watch, role: str, statement: Mapping[str, object]) -> None:
    template = load_template()
    policy = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]
    policy["Statement"].append({"Effect": "Allow", **statement})

    assert len(unused(template, busy_day.used)) == 1


def test_a_right_that_is_missing_fails_whoever_needs_it(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    booking_id = market.book()
    needed = ("accept_booking", "dynamodb:PutItem", "table/commission_records")
    monkeypatch.setattr(rights, "granted_rights", lambda: frozenset(rights.granted()) - {needed})

    assert market.command(AYU, booking_id, "accept").status == 500

    assert market.rights.missing == {needed}
    assert market.rows("commission_records") == []
    market.rights.missing.clear()
