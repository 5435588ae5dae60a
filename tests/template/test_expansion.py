"""What SAM makes of the template, and what only shows in it; each check sees a planted violation."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from tests.cloudformation import ROOT, Template, resources_of
from tools.ops.import_retained import (
    IDENTIFIERS,
    MADE_ANEW,
    NAME_OF,
    LeftBehind,
    import_part,
    name_in,
    named,
    resources_to_import,
    retained,
)

EXPAND = ROOT / "tools/environments/checkov/expand_template.py"
WITH_SAM = ROOT / ".local/tools/sam/bin/python"
MOST_RESOURCES = 500
"""Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html."""
NAMED = {
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig.Name",
    "AWS::CloudFront::OriginAccessControl": "OriginAccessControlConfig.Name",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::WAFv2::WebACL": "Name",
}
"""Where the name of a resource stands that is one of its account's and region's."""
NAMELESS = {
    "AWS::Scheduler::Schedule": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
}
"""What CloudFormation names itself, and so differs from stack to stack."""


@pytest.fixture(scope="module")
def expanded(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The template as CloudFormation gets it."""
    return expansion(tmp_path_factory.mktemp("expanded"))


def expansion(folder: Path, *parameters: str) -> Template:
    """Return what SAM makes of the template with these parameters, ``Name=value``."""
    file = folder / "template.json"
    subprocess.run([WITH_SAM, EXPAND, file, *parameters], check=True, capture_output=True)
    template: Template = json.loads(file.read_text(encoding="utf-8"))
    return template


def stages_beside_ours(template: Template) -> Iterator[str]:
    """Each gateway has one stage: another would pass by throttles, firewall and log."""
    for kind in ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage"):
        names = sorted(str(stage["StageName"]) for stage in resources_of(template, kind).values())
        if names != ["v1"]:
            yield f"{kind}: {names}"
    for logical_id, deployment in resources_of(template, "AWS::ApiGateway::Deployment").items():
        if "StageName" in deployment:
            yield f"{logical_id} makes a stage of its own"


def sockets_that_nobody_deploys(template: Template) -> Iterator[str]:
    """The socket's stage deploys by itself whatever changes, its route responses too, which nothing depends on."""
    for logical_id, stage in resources_of(template, "AWS::ApiGatewayV2::Stage").items():
        if stage.get("AutoDeploy") is not True:
            yield f"{logical_id} goes on as it was"


def schedules_that_fire_at_once(template: Template) -> Iterator[str]:
    """No two schedules fire at the same instant: a new account runs ten functions at once."""
    if resources_of(template, "AWS::Events::Rule"):
        yield "a rule of EventBridge fires when all others do"
    for logical_id, schedule in resources_of(template, "AWS::Scheduler::Schedule").items():
        if schedule["FlexibleTimeWindow"].get("Mode") != "FLEXIBLE":
            yield f"{logical_id} fires when all others do"
        if "DeadLetterConfig" not in schedule["Target"]:
            yield f"{logical_id} is lost if it cannot reach its function"


def functions_that_a_schedule_may_not_call(template: Template) -> Iterator[str]:
    """Each schedule's role may call just what the schedule calls: a version's alias, or the newest code."""
    for logical_id, schedule in resources_of(template, "AWS::Scheduler::Schedule").items():
        role = template["Resources"][schedule["Target"]["RoleArn"]["Fn::GetAtt"][0]]["Properties"]
        statements = [each for policy in role["Policies"] for each in policy["PolicyDocument"]["Statement"]]
        allowed = [each["Resource"] for each in statements if each["Action"] == "lambda:InvokeFunction"]
        if not any(schedule["Target"]["Arn"] in resources for resources in allowed):
            yield f"{logical_id} may not call {schedule['Target']['Arn']}"


def names_that_two_stacks_share(template: Template) -> Iterator[str]:
    """Two stacks in one account and region have nothing of the same name."""
    for kind, place in NAMED.items():
        for logical_id, properties in resources_of(template, kind).items():
            name: Any = properties
            for part in place.split("."):
                name = name.get(part)
            if "AWS::StackName" not in json.dumps(name):
                yield f"{logical_id} is called {name} in every stack"
    for kind, place in NAMELESS.items():
        for logical_id, properties in resources_of(template, kind).items():
            if place in properties:
                yield f"{logical_id} is called {properties[place]} in every stack"


def functions_called_past_their_version(template: Template) -> Iterator[str]:
    """The gateways call a function's published version, or a release could not be taken back.

    Schedules, streams and queues call what is newest: nobody waits for them, and they begin anew where they failed.
    """
    kinds = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Integration")
    text = json.dumps({kind: resources_of(template, kind) for kind in kinds})
    for logical_id in resources_of(template, "AWS::Lambda::Function"):
        for called in (f'{{"Ref": "{logical_id}"}}', f'["{logical_id}", "Arn"]', f"${{{logical_id}"):
            if called in text.replace(f"${{{logical_id}Alias", ""):
                yield f"{logical_id} is called past its version"


def more_resources_than_a_stack_takes(template: Template) -> Iterator[str]:
    """CloudFormation takes 500 resources in a stack."""
    if (number := len(template["Resources"])) > MOST_RESOURCES:
        yield f"{number} resources"


def shared_things_that_go_with_the_stack(template: Template) -> Iterator[str]:
    """What all stacks of an account use, or no stack can do without, stays when this one goes."""
    for logical_id in ("GatewayAccount", "GatewayLogRole", "SealingSecret", "StoreKey", "BankDetailsKey", "UserPool"):
        if not str(template["Resources"][logical_id].get("DeletionPolicy")).startswith("Retain"):
            yield f"{logical_id} goes with the stack"


def _call_the_latest_code(template: Template) -> None:
    authorizer = next(iter(resources_of(template, "AWS::ApiGatewayV2::Authorizer").values()))
    authorizer["AuthorizerUri"] = {"Fn::GetAtt": ["AuthorizeFunction", "Arn"]}


def _have_very_much(template: Template) -> None:
    template["Resources"] |= {f"Queue{number}": {"Type": "AWS::SQS::Queue"} for number in range(MOST_RESOURCES)}


def _let_sam_add_its_stage(template: Template) -> None:
    (deployment,) = resources_of(template, "AWS::ApiGateway::Deployment").values()
    deployment["StageName"] = "Stage"


def _deploy_sockets_by_hand(template: Template) -> None:
    next(iter(resources_of(template, "AWS::ApiGatewayV2::Stage").values()))["AutoDeploy"] = False


def _fire_on_the_dot(template: Template) -> None:
    next(iter(resources_of(template, "AWS::Scheduler::Schedule").values()))["FlexibleTimeWindow"] = {"Mode": "OFF"}


def _call_versions_alone(template: Template) -> None:
    role = template["Resources"]["SchedulerRole"]["Properties"]
    called = role["Policies"][0]["PolicyDocument"]["Statement"][0]
    called["Resource"] = [each for each in called["Resource"] if "Ref" in each]


def _name_a_schedule(template: Template) -> None:
    next(iter(resources_of(template, "AWS::Scheduler::Schedule").values()))["Name"] = "EveryMinute"


def _name_a_queue(template: Template) -> None:
    template["Resources"]["ParkedChangesQueue"]["Properties"]["QueueName"] = "parked-changes"


def _delete_the_secret(template: Template) -> None:
    del template["Resources"]["SealingSecret"]["DeletionPolicy"]


def _delete_the_role_of_all(template: Template) -> None:
    template["Resources"]["GatewayLogRole"]["DeletionPolicy"] = "Delete"


PLANTED: list[tuple[Callable[[Template], Iterator[str]], Callable[[Template], None]]] = [
    (stages_beside_ours, _let_sam_add_its_stage),
    (functions_called_past_their_version, _call_the_latest_code),
    (more_resources_than_a_stack_takes, _have_very_much),
    (sockets_that_nobody_deploys, _deploy_sockets_by_hand),
    (schedules_that_fire_at_once, _fire_on_the_dot),
    (functions_that_a_schedule_may_not_call, _call_versions_alone),
    (names_that_two_stacks_share, _name_a_schedule),
    (names_that_two_stacks_share, _name_a_queue),
    (shared_things_that_go_with_the_stack, _delete_the_secret),
    (shared_things_that_go_with_the_stack, _delete_the_role_of_all),
]


@pytest.mark.parametrize("violations", dict.fromkeys(check for check, _ in PLANTED), ids=lambda check: check.__name__)
def test_the_expansion_has_no(expanded: Template, violations: Callable[[Template], Iterator[str]]) -> None:
    assert list(violations(expanded)) == []


@pytest.mark.parametrize(("violations", "plant"), PLANTED, ids=lambda function: function.__name__)
def test_a_planted_violation_is_seen(
    expanded: Template, violations: Callable[[Template], Iterator[str]], plant: Callable[[Template], None]
) -> None:
    template: Template = json.loads(json.dumps(expanded))
    plant(template)
    assert list(violations(template)) != []


def test_a_stack_that_releases_gradually_from_snapshots_is_not_too_large(tmp_path: Path) -> None:
    template = expansion(tmp_path, "GradualRelease=true", "SnapStart=PublishedVersions")

    assert resources_of(template, "AWS::CodeDeploy::DeploymentGroup")
    assert list(more_resources_than_a_stack_takes(template)) == []


def test_everything_that_stays_can_be_imported_or_is_made_anew(expanded: Template) -> None:
    staying = {
        resource["Type"]
        for resource in expanded["Resources"].values()
        if str(resource.get("DeletionPolicy", "")).startswith("Retain")
    }
    assert staying <= {*IDENTIFIERS, *MADE_ANEW}
    assert set(IDENTIFIERS) <= staying


def test_the_part_for_an_import_names_nothing_that_is_not_in_it(expanded: Template) -> None:
    found = {logical_id: f"id-of-{logical_id}" for logical_id in retained(expanded)}
    part = import_part(expanded, found)

    assert part["Resources"].keys() == found.keys()
    assert all(str(each["DeletionPolicy"]).startswith("Retain") for each in part["Resources"].values())
    assert set(named(part["Resources"])) <= {*found, *expanded["Parameters"]} | PSEUDO_PARAMETERS
    assert "KeySchema" in part["Resources"]["BookingsTable"]["Properties"]
    assert {"StoreKey", "BookingsTable", "UploadsBucket", "SealingSecret", "UserPool"} <= found.keys()


def test_what_a_deleted_stack_left_is_found_and_another_s_is_not(expanded: Template) -> None:
    left = LeftBehind(account_with(expanded, "marketplace-dev", "marketplace"), "marketplace").find(expanded)

    assert left.keys() == retained(expanded).keys()
    assert not [identifier for identifier in left.values() if "dev" in identifier]
    listed = resources_to_import(expanded, left)
    assert {"TableName": "marketplace-bookings"} in [each["ResourceIdentifier"] for each in listed]


PSEUDO_PARAMETERS = {
    f"AWS::{name}" for name in ("AccountId", "NoValue", "Partition", "Region", "StackName", "URLSuffix")
}


def account_with(template: Template, *stacks: str) -> Any:  # noqa: ANN401 - stands in for the maker of clients
    """Return an account in which these stacks have left everything behind."""
    names: dict[str, list[str]] = {kind: [] for kind in IDENTIFIERS}
    for logical_id, kind in retained(template).items():
        named_as = template["Resources"][logical_id]["Properties"][NAME_OF[kind]]
        for stack in stacks:
            names[kind].append(name_in(named_as, stack).replace("${AWS::AccountId}", "123456789012"))
    pages = {
        "dynamodb": [{"TableNames": names["AWS::DynamoDB::Table"]}],
        "cognito-idp": [{"UserPools": [{"Name": name, "Id": name} for name in names["AWS::Cognito::UserPool"]]}],
        "secretsmanager": [
            {"SecretList": [{"Name": name, "ARN": f"arn:{name}"} for name in names["AWS::SecretsManager::Secret"]]}
        ],
        "kms": [{"Keys": [{"KeyId": name} for name in names["AWS::KMS::Key"]]}],
    }
    clients: dict[str, MagicMock] = {service: MagicMock() for service in (*pages, "s3")}
    for service, listed in pages.items():
        clients[service].get_paginator.return_value.paginate.return_value = listed
    clients["kms"].describe_key.side_effect = lambda KeyId: {"KeyMetadata": {"Enabled": True, "Description": KeyId}}  # noqa: N803 - botocore's name
    clients["s3"].list_buckets.return_value = {"Buckets": [{"Name": name} for name in names["AWS::S3::Bucket"]]}
    return clients.__getitem__
