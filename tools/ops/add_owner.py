"""`make add-owner`: adds the first administrator to a stack's user pool, who is mailed a temporary password.

There is no other way in: nobody can sign up, and every other member of staff is added by an owner. So it refuses once
there is one.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

from botocore.exceptions import BotoCoreError, ClientError

from tools.command_line import OneLineParser
from tools.ops.verify import stack_of

if TYPE_CHECKING:
    from tools.local.tables_read import Stack

GROUP: Final = "admin"
_USER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


class RefusedError(Exception):
    """The owner is not added; the text says why, in one line."""


@final
class Owners:
    """Administrators in the user pool of one stack."""

    def __init__(self, stack: "Stack") -> None:
        """Find the pool of the stack.

        Raises:
            botocore.exceptions.ClientError: there is no such stack.
        """
        cloudformation: Any = stack.session.client("cloudformation", endpoint_url=stack.endpoint_url)
        outputs = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]["Outputs"]
        self._people: Any = stack.session.client("cognito-idp", endpoint_url=stack.endpoint_url)
        self._pool = next(each["OutputValue"] for each in outputs if each["OutputKey"] == "UserPoolId")

    def add_first(self, user_id: str, email: str) -> None:
        """Add the first administrator.

        Raises:
            RefusedError: there is one already, or the name or address cannot be one.
        """
        if not _USER_ID.fullmatch(user_id):
            message = f"USER_ID is 1 to 64 letters, digits, - and _, not {user_id!r}"
            raise RefusedError(message)
        if not _EMAIL.fullmatch(email):
            message = f"EMAIL is no address: {email!r}"
            raise RefusedError(message)
        if (present := next(self._enabled(), None)) is not None:
            message = f"there is an administrator already, {present}: an owner adds every other member of staff"
            raise RefusedError(message)
        try:
            self._people.admin_create_user(
                UserPoolId=self._pool,
                Username=user_id,
                UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
                DesiredDeliveryMediums=["EMAIL"],
            )
        except self._people.exceptions.UsernameExistsException:
            message = f"there is a user {user_id} already; choose another USER_ID"
            raise RefusedError(message) from None
        self._people.admin_add_user_to_group(UserPoolId=self._pool, Username=user_id, GroupName=GROUP)

    def _enabled(self) -> Iterator[str]:
        pages = self._people.get_paginator("list_users_in_group").paginate(UserPoolId=self._pool, GroupName=GROUP)
        for page in pages:
            yield from (str(user["Username"]) for user in page["Users"] if user.get("Enabled", True))


def main() -> int:
    """Add the owner that the command line names."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, with your credentials")
    parser.add_argument("--user", required=True)
    parser.add_argument("--email", required=True)
    chosen = parser.parse_args()
    try:
        Owners(stack_of(chosen.outputs, chosen.stack)).add_first(chosen.user, chosen.email)
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run, or name a STACK)", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError, RefusedError) as error:
        print(f"not added: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    print(f"{chosen.user} is an administrator; a temporary password is on its way to {chosen.email}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
