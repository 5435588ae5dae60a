"""The bodies with which owners take on staff and change their duties."""

from collections.abc import Iterable
from typing import Annotated, final

from pydantic import Field

from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import PersonName, Text
from marketplace.platform.caller import Duty

Email = Annotated[
    str,
    Text(3, 254, pattern=r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", complaint="This must be an e-mail address."),
]
Slug = Annotated[
    str, Text(3, 40, pattern="[a-z0-9][a-z0-9-]+", complaint="This must be of a to z, 0 to 9 and hyphens.")
]
"""An id that people choose: 3 to 40 of ``a-z0-9-``."""
Duties = Annotated[tuple[Annotated[Duty, Lax], ...], Field(max_length=4), Lax]


def _named_twice(duties: tuple[Duty, ...] | None) -> bool:
    return duties is not None and len(set(duties)) < len(duties)


@final
class NewStaffMember(RequestModel):
    """Somebody who joins the staff; the user pool mails them a temporary password."""

    user_id: Slug
    name: PersonName
    email: Email
    duties: Duties

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for duties that are named once."""
        if _named_twice(self.duties):
            yield "duties", "A duty is named twice."


@final
class StaffChange(RequestModel):
    """The parts of a member of staff that change."""

    duties: Omissible[Duties] = None
    active: Omissible[bool] = None
    name: Omissible[PersonName] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a change, and for duties that are named once."""
        if not self.model_fields_set:
            yield "", "Give at least one field to change."
        if _named_twice(self.duties):
            yield "duties", "A duty is named twice."
