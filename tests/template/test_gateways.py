"""Before the functions: throttles and a firewall that honest people do not meet, and answers they can read."""

import json
from typing import Any

import pytest

from tests.cloudformation import Template, functions_of, load_template, resolved

OF_ALL_JAKARTA = 2_500
"""Requests a second that an account has there, all routes and stacks together (docs/cost.md)."""
ORIGIN = "https://web.example"


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template()


def default_of(template: Template, parameter: str) -> Any:  # noqa: ANN401 - of any type
    return template["Parameters"][parameter]["Default"]


def rule_of_addresses(template: Template, *, blocks: bool) -> Template:
    """Return the firewall's rule for single addresses, as it is with a web client at ``ORIGIN``."""
    conditions = {"FirewallBlocks": blocks, "NamesOrigins": True, "HasDomain": False}
    known = {"AllowedOrigins": [ORIGIN], "WebDistribution.DomainName": "d.example"}
    known["FirewallRequests"] = default_of(template, "FirewallRequests")
    rules = template["Resources"]["RestFirewall"]["Properties"]["Rules"]
    rule: Template = resolved(next(each for each in rules if each["Name"] == "EachAddress"), known, conditions)
    return rule


def test_the_firewall_counts_until_it_is_told_to_block(template: Template) -> None:
    assert default_of(template, "Firewall") == "count"
    assert template["Conditions"]["FirewallBlocks"] == {"Fn::Equals": [{"Ref": "Firewall"}, "block"]}
    assert rule_of_addresses(template, blocks=False)["Action"] == {"Count": {}}
    assert list(rule_of_addresses(template, blocks=True)["Action"]) == ["Block"]


def test_a_mobile_network_behind_one_address_is_not_taken_for_an_attack(template: Template) -> None:
    statement = rule_of_addresses(template, blocks=True)["Statement"]["RateBasedStatement"]
    assert statement["Limit"] / statement["EvaluationWindowSec"] > 30
    assert template["Resources"]["RestFirewall"]["Properties"]["Rules"][0]["Statement"]["RateBasedStatement"][
        "Limit"
    ] == {"Ref": "FirewallRequests"}


def test_a_browser_that_the_firewall_stops_can_read_why(template: Template) -> None:
    answer = rule_of_addresses(template, blocks=True)["Action"]["Block"]["CustomResponse"]
    headers = {header["Name"]: header["Value"] for header in answer["ResponseHeaders"]}
    bodies = template["Resources"]["RestFirewall"]["Properties"]["CustomResponseBodies"]

    assert answer["ResponseCode"] == 429
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Retry-After" in headers["Access-Control-Expose-Headers"]
    assert int(headers["Retry-After"]) > 0
    assert json.loads(bodies[answer["CustomResponseBodyKey"]]["Content"])["code"] == "too_many_requests"


def test_throttles_are_parameters_and_let_through_what_an_account_has(template: Template) -> None:
    api = template["Resources"]["RestApi"]["Properties"]
    throttles = {
        (each["HttpMethod"], each["ResourcePath"].replace("~1", "/")): each["ThrottlingRateLimit"]["Ref"]
        for each in api["MethodSettings"]
    }
    assert throttles == {
        ("*", "/*"): "RequestsPerSecond",
        ("POST", "//guest-sessions"): "WritesPerSecond",
        ("POST", "//bookings"): "WritesPerSecond",
    }
    assert default_of(template, "WritesPerSecond") < default_of(template, "RequestsPerSecond") <= OF_ALL_JAKARTA
    frames = template["Resources"]["WebSocketApi"]["Properties"]["DefaultRouteSettings"]
    assert frames["ThrottlingRateLimit"] == {"Ref": "FramesPerSecond"}


def test_changes_of_many_bookings_are_told_side_by_side(template: Template) -> None:
    streams = [
        event["Properties"]
        for event in functions_of(template)["PublishChangesFunction"]["Events"].values()
        if event["Type"] == "DynamoDB"
    ]
    assert streams
    assert all(stream["ParallelizationFactor"] == {"Ref": "ChangesAtOnce"} for stream in streams)
    assert default_of(template, "ChangesAtOnce") > 1
