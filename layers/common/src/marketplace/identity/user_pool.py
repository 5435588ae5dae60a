"""The user pool as we administer it: inviting people, letting them in and keeping them out."""

from collections.abc import Mapping
from typing import Any, Final, final

from botocore.exceptions import ClientError

from marketplace.identity.sign_ins import SignIn
from marketplace.platform.caller import Role
from marketplace.platform.resilience import Dependency, error_code

_NEVER_SIGNED_IN: Final = "FORCE_CHANGE_PASSWORD"


@final
class UserPool:
    """The stack's Cognito user pool; every call may be repeated."""

    def __init__(self, cognito: Dependency, pool_id: str) -> None:
        """Administer the pool of that id."""
        self._cognito = cognito
        self._pool_id = pool_id

    def invite(self, sign_in: SignIn) -> None:
        """Make the sign-in if there is none and mail a temporary password; mail it anew where there is one.

        Whoever has a password of their own already gets a code with which to choose a new one.
        """
        attributes = [
            {"Name": "email", "Value": sign_in.email},
            {"Name": "email_verified", "Value": "true"},
        ]
        try:
            self._call("admin_create_user", sign_in, UserAttributes=attributes, DesiredDeliveryMediums=["EMAIL"])
        except ClientError as error:
            if error_code(error) != "UsernameExistsException":
                raise
            self._call("admin_update_user_attributes", sign_in, UserAttributes=attributes)
            if self._call("admin_get_user", sign_in)["UserStatus"] == _NEVER_SIGNED_IN:
                self._call("admin_create_user", sign_in, MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"])
            else:
                self._call("admin_reset_user_password", sign_in)
        self._call("admin_add_user_to_group", sign_in, GroupName=sign_in.role.value)

    def set_enabled(self, sign_in: SignIn) -> None:
        """Let somebody sign in or not, as their sign-in says."""
        self._call("admin_enable_user" if sign_in.enabled else "admin_disable_user", sign_in)

    def has_second_factor(self, user_id: str) -> bool:
        """Say whether somebody has set up a second factor."""
        user = self._cognito.call("admin_get_user", UserPoolId=self._pool_id, Username=user_id)
        return bool(user.get("UserMFASettingList"))

    def roles_of(self, user_id: str) -> frozenset[Role]:
        """Return what somebody of that name is already; nothing where there is nobody."""
        try:
            found: Any = self._cognito.call("admin_list_groups_for_user", UserPoolId=self._pool_id, Username=user_id)
        except ClientError as error:
            if error_code(error) == "UserNotFoundException":
                return frozenset()
            raise
        names = {str(group["GroupName"]) for group in found["Groups"]}
        return frozenset(role for role in Role if role.value in names)

    def verified_email_of(self, user_id: str) -> str | None:
        """Return the verified mail address of somebody with an account, nothing where there is none."""
        try:
            user: Any = self._cognito.call("admin_get_user", UserPoolId=self._pool_id, Username=user_id)
        except ClientError as error:
            if error_code(error) == "UserNotFoundException":
                return None
            raise
        attributes = {str(each["Name"]): str(each["Value"]) for each in user.get("UserAttributes", [])}
        return attributes.get("email") if attributes.get("email_verified") == "true" else None

    def _call(self, operation: str, sign_in: SignIn, **parameters: object) -> Mapping[str, Any]:
        return self._cognito.call(operation, UserPoolId=self._pool_id, Username=sign_in.user_id, **parameters)
