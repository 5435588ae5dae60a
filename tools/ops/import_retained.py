"""`make import-retained`: brings what a deleted stack has left behind into a new one, which then takes the same names.

Tables, buckets, keys, the signing secret and the user pool stay when their stack goes. This looks for them, and writes
what CloudFormation wants for an import: a template of these resources alone, and a list of which is which. The new
stack begins with that import; ``make deploy`` then adds everything else. It changes nothing itself.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.command_line import OneLineParser
from tools.local.emulator import ROOT
from tools.ops.stacks.environments import Environment, environment_of
from tools.ops.stacks.parameters import names_that_stay

EXPAND: Final = ROOT / "tools/environments/checkov/expand_template.py"
FOLDER: Final = ROOT / ".local/import"
IDENTIFIERS: Final = {
    "AWS::Cognito::UserPool": "UserPoolId",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::KMS::Key": "KeyId",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Id",
}
"""By what CloudFormation knows a resource that is imported, for each kind that a stack leaves behind."""
MADE_ANEW: Final = frozenset({"AWS::ApiGateway::Account", "AWS::IAM::Role", "AWS::Lambda::Version"})
"""Kinds that stay too, but a new stack makes anew: nothing of value is in them."""

type Template = dict[str, Any]


def retained(template: Template) -> dict[str, str]:
    """Return the kind of every resource that stays when its stack goes and can be imported, by logical id."""
    return {
        logical_id: resource["Type"]
        for logical_id, resource in template["Resources"].items()
        if str(resource.get("DeletionPolicy", "")).startswith("Retain") and resource["Type"] in IDENTIFIERS
    }


def import_part(template: Template, found: Mapping[str, str]) -> Template:
    """Return the part of an expanded template that an import takes: what was found, and leads nowhere else.

    The whole template follows with the next deployment and sets those properties.
    """
    resources = {}
    for logical_id in found:
        resource = template["Resources"][logical_id]
        kept = {
            name: value
            for name, value in resource["Properties"].items()
            if all(each in found or each not in template["Resources"] for each in named(value))
        }
        resources[logical_id] = {**resource, "Properties": kept}
        resources[logical_id].pop("Metadata", None)
    shared = ("AWSTemplateFormatVersion", "Parameters", "Conditions")
    return {**{name: template[name] for name in shared if name in template}, "Resources": resources}


def resources_to_import(template: Template, found: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return which resource is which, as CloudFormation wants to be told."""
    kinds = retained(template)
    return [
        {
            "ResourceType": kinds[logical_id],
            "LogicalResourceId": logical_id,
            "ResourceIdentifier": {IDENTIFIERS[kinds[logical_id]]: identifier},
        }
        for logical_id, identifier in found.items()
    ]


def named(value: object) -> Iterator[str]:
    """Yield every logical id that a part of a template refers to."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]} | {"Fn::GetAtt": str(name)}:
            yield name.partition(".")[0]
        case {"Fn::Sub": [str(text), {**own}]}:
            yield from _inname_in(text)
            yield from named(list(own.values()))
        case {"Fn::Sub": str(text)}:
            yield from _inname_in(text)
        case dict():
            for each in value.values():
                yield from named(each)
        case list():
            for each in value:
                yield from named(each)
        case _:
            pass


def _inname_in(text: str) -> Iterator[str]:
    for piece in text.split("${")[1:]:
        yield piece.partition("}")[0].partition(".")[0]


@final
class LeftBehind:
    """What a deleted stack has left in an account and region."""

    def __init__(self, client: Callable[[str], Any], stack_name: str) -> None:
        """Look with ``client``."""
        self._client = client
        self._stack_name = stack_name

    def find(self, template: Template) -> dict[str, str]:
        """Return the identifiers of what is there, by logical id."""
        found: dict[str, str] = {}
        names = self._names()
        for logical_id, kind in retained(template).items():
            properties = template["Resources"][logical_id]["Properties"]
            wanted = name_in(properties.get(NAME_OF[kind]), self._stack_name)
            identifier = next((known for name, known in names[kind].items() if _says(wanted, name)), None)
            if identifier is not None:
                found[logical_id] = identifier
        return found

    def _names(self) -> Mapping[str, Mapping[str, str]]:
        """Return the identifiers of each kind of resource by their names."""
        pages = self._client("dynamodb").get_paginator("list_tables").paginate()
        named = names_that_stay("AWS::DynamoDB::Table", "TableName")
        ours = {each.replace("${AWS::StackName}", self._stack_name) for each in named}
        tables = {name: name for page in pages for name in page["TableNames"] if name in ours}
        buckets = {each["Name"]: each["Name"] for each in self._client("s3").list_buckets()["Buckets"]}
        pools = self._client("cognito-idp").get_paginator("list_user_pools").paginate(MaxResults=60)
        kms, keys = self._client("kms"), {}
        for page in kms.get_paginator("list_keys").paginate():
            for key in page["Keys"]:
                told = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
                if told.get("Enabled"):
                    keys[str(told.get("Description", ""))] = str(key["KeyId"])
        secrets = self._client("secretsmanager").get_paginator("list_secrets").paginate()
        return {
            "AWS::Cognito::UserPool": {each["Name"]: each["Id"] for page in pools for each in page["UserPools"]},
            "AWS::DynamoDB::Table": tables,
            "AWS::KMS::Key": keys,
            "AWS::S3::Bucket": buckets,
            "AWS::SecretsManager::Secret": {
                each["Name"]: each["ARN"] for page in secrets for each in page["SecretList"]
            },
        }


NAME_OF: Final = {
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::KMS::Key": "Description",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
}


def _says(wanted: str, name: str) -> bool:
    """Say whether a name is what a template wants; the account's number is the only part that it leaves open."""
    beginning, _, _ = wanted.partition("${AWS::AccountId}")
    rest = name.removeprefix(beginning)
    return name.startswith(beginning) and (rest == "" or rest.isdigit())


def name_in(value: object, stack_name: str) -> str:
    """Return the name in a template with the stack's name in its place."""
    match value:
        case {"Ref": "AWS::StackName"}:
            return stack_name
        case {"Fn::Sub": str(text)}:
            return text.replace("${AWS::StackName}", stack_name)
        case _:
            return str(value)


def expanded() -> Template:
    """Return the template as CloudFormation gets it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "expanded.json"
    subprocess.run([ROOT / ".local/tools/sam/bin/python", EXPAND, file], check=True, capture_output=True)  # noqa: S603 - our own tool
    template: Template = json.loads(file.read_text(encoding="utf-8"))
    return template


def write(environment: Environment, template: Template, found: Mapping[str, str], folder: Path = FOLDER) -> str:
    """Write both files and return the commands that import them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "template.json").write_text(json.dumps(import_part(template, found), indent=1), encoding="utf-8")
    (folder / "resources.json").write_text(json.dumps(resources_to_import(template, found), indent=1), encoding="utf-8")
    where = f"--region {environment.region} --stack-name {environment.stack_name} --change-set-name import"
    return (
        f"aws cloudformation create-change-set {where} --change-set-type IMPORT"
        f" --template-body file://{folder}/template.json --resources-to-import file://{folder}/resources.json\n"
        f"aws cloudformation wait change-set-create-complete {where}\n"
        f"aws cloudformation execute-change-set {where}"
    )


def main() -> int:
    """Look, write, and print what to type."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--environment", required=True, help="a section of samconfig.toml")
    chosen = parser.parse_args()
    try:
        environment = environment_of(chosen.environment)
        client: Any = boto3.Session(region_name=environment.region).client
        template = expanded()
        found = LeftBehind(client, environment.stack_name).find(template)
    except KeyError as error:
        print(str(error).strip("'\""), file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"cannot look: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    if not found:
        print(f"nothing of {environment.stack_name} is left behind")
        return 0
    for logical_id, identifier in sorted(found.items()):
        print(f"{logical_id}: {identifier}")
    print(f"\nto bring them into a new stack, then make deploy:\n\n{write(environment, template, found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
