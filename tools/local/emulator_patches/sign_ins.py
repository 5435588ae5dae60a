"""What MiniStack's user pool does otherwise than Cognito."""

# ruff: noqa: SLF001 - the emulator has no public seams: this package is where its private names are used

from collections.abc import Mapping
from typing import Any

from ministack.services import cognito


def resend_a_new_password() -> None:
    """Mail a new temporary password where an invitation is sent again, as Cognito does; the emulator repeats the old.

    Whoever has signed in before has no temporary password, and keeps theirs.
    """
    create_once = cognito._admin_create_user

    def create(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - passes the answer on
        if str(data.get("MessageAction") or "").upper() == "RESEND":
            pool, error = cognito._resolve_pool(data.get("UserPoolId"))
            user = None if error else pool["_users"].get(data.get("Username"))
            if user is not None and user.get("UserStatus") == "FORCE_CHANGE_PASSWORD":
                user["_password"] = data.get("TemporaryPassword") or cognito._generate_temp_password()
        return create_once(data)

    cognito._admin_create_user = create
