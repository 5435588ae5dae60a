"""`make token`: signs a demo user in and prints the token, alone."""

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from tools.command_line import OneLineParser
from tools.local.outputs import Outputs, User, read_outputs

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cognito_idp import CognitoIdentityProviderClient


def sign_in(outputs: Outputs, user: User) -> str:
    """Return the ID token of a user of the running system."""
    cloudformation, people = _clients(outputs.aws_endpoint_url, outputs.region)
    stack = cloudformation.describe_stacks(StackName=outputs.stack_name)["Stacks"][0]
    client_id = next(out["OutputValue"] for out in stack["Outputs"] if out["OutputKey"] == "UserPoolClientId")
    signed_in = people.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user.username, "PASSWORD": user.password},
    )
    return signed_in["AuthenticationResult"]["IdToken"]


@cache
def _clients(endpoint: str, region: str) -> "tuple[CloudFormationClient, CognitoIdentityProviderClient]":
    """Return the clients for the stack and its user pool; making them costs more than signing in."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)  # noqa: S106 - the emulator accepts anything
    return (
        session.client("cloudformation", endpoint_url=endpoint),
        session.client("cognito-idp", endpoint_url=endpoint),
    )


def main() -> int:
    """Print the token of one user."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--user", required=True)
    chosen = parser.parse_args()
    try:
        outputs = read_outputs(chosen.outputs)
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run)", file=sys.stderr)
        return 1
    if chosen.user not in outputs.users:
        print(f"no demo user {chosen.user!r}; there are {', '.join(outputs.users)}", file=sys.stderr)
        return 1
    print(sign_in(outputs, outputs.users[chosen.user]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
