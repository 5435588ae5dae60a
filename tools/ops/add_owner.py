"""`make add-owner`: adds the first owner of a stack, who is mailed a temporary password.

There is no other way in: nobody can sign up, and every other member of staff is added by an owner. So it refuses once
there is an active owner. The rows are written here; the stack itself mails the invitation.
"""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

from botocore.exceptions import BotoCoreError, ClientError

from marketplace.identity.sign_ins import SignIns
from marketplace.identity.sign_outs import SignOuts
from marketplace.identity.staff.repository import Staff
from marketplace.identity.user_pool import UserPool
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import AlreadyExists, ServiceUnavailable
from marketplace.platform.resilience import Dependency
from marketplace.services.identity.staff import StaffCommands
from tools.command_line import OneLineParser
from tools.ops.verify import stack_of

if TYPE_CHECKING:
    from tools.local.tables_read import Stack

_USER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_EMAIL: Final = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+")


class RefusedError(Exception):
    """The owner is not added; the text says why, in one line."""


@final
class Owners:
    """The owners of one stack: their rows of duties, and the user pool in which they sign in."""

    def __init__(self, stack: "Stack") -> None:
        """Find the pool of the stack.

        Raises:
            botocore.exceptions.ClientError: there is no such stack.
        """
        cloudformation: Any = stack.session.client("cloudformation", endpoint_url=stack.endpoint_url)
        outputs = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]["Outputs"]
        people: Any = stack.session.client("cognito-idp", endpoint_url=stack.endpoint_url)
        pool_id = next(each["OutputValue"] for each in outputs if each["OutputKey"] == "UserPoolId")
        pool = UserPool(Dependency("cognito", people), str(pool_id))
        dynamodb = stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)
        store = Store(Dependency("dynamodb", dynamodb), f"{stack.name}-")
        self._staff = Staff(store)
        self._commands = StaffCommands(store, self._staff, SignIns(store), SignOuts(store), pool.roles_of)

    def add_first(self, user_id: str, email: str) -> None:
        """Add the first owner, or one where no active owner is left.

        Raises:
            RefusedError: there is an active owner already, or the name or address cannot be one's.
        """
        if not _USER_ID.fullmatch(user_id):
            message = f"USER_ID is 1 to 64 letters, digits, - and _, not {user_id!r}"
            raise RefusedError(message)
        if not _EMAIL.fullmatch(email):
            message = f"EMAIL is no address: {email!r}"
            raise RefusedError(message)
        _, owners = self._staff.load(user_id)
        if owners.user_ids:
            message = f"there is an owner already, {owners.user_ids[0]}: an owner adds every other member of staff"
            raise RefusedError(message)
        try:
            self._commands.add_first_owner(user_id, email=email, now=utc_now())
        except AlreadyExists:
            message = f"somebody who is no member of staff is called {user_id} already; choose another USER_ID"
            raise RefusedError(message) from None
        except ServiceUnavailable:
            message = "the tables or the user pool do not answer; try again"
            raise RefusedError(message) from None


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
    print(f"{chosen.user} is an owner; a temporary password is on its way to {chosen.email}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
