"""Members of staff as owners see them, in wire names."""

from typing import TypedDict

from marketplace.identity.staff.model import StaffMember
from marketplace.platform.api.responses import Time
from marketplace.platform.caller import Duty
from marketplace.platform.clock import format_utc


class ShownStaffMember(TypedDict):
    """One member of staff."""

    userId: str
    name: str
    email: str
    duties: list[Duty]
    active: bool
    """An inactive one cannot sign in."""
    createdAt: Time
    updatedAt: Time


def staff_view(member: StaffMember) -> ShownStaffMember:
    """Return a member of staff."""
    return {
        "userId": member.user_id,
        "name": member.name,
        "email": member.email,
        "duties": list(member.duties),
        "active": member.active,
        "createdAt": format_utc(member.created_at),
        "updatedAt": format_utc(member.updated_at),
    }
