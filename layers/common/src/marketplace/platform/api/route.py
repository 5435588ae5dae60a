"""A route as its function declares it: what is asked, who may ask, what is answered, and in what words.

Everything else follows from the declaration: the check of rights, the reading of query and body, the status, the
OpenAPI document, the types of the clients, and the lists of routes that the tests go through.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Required, TypedDict, final

from msgspec import Struct

from marketplace.platform.caller import Duty, Role
from marketplace.platform.refusals import Refusal

if TYPE_CHECKING:
    from marketplace.platform.api.request_model import Query, RequestModel


class Rights(TypedDict, total=False):
    """Who may call a route."""

    roles: Required[frozenset[Role] | None]
    """Who may ever call it; ``ANYONE`` needs no sign-in. Whose row it is, the domain decides (else 404)."""
    duties: frozenset[Duty]
    """Which admins may; none named: all of them. Owners always may."""


class Declaration(Rights, total=False):
    """What a route says of itself beside its path, its models and its response."""

    summary: Required[str]
    """One line in the imperative."""
    refusals: tuple[type[Refusal], ...]
    """Those that its roles, path and models do not imply already."""
    description: str
    """What the summary leaves open, for who calls the route."""
    status: HTTPStatus
    """Of success; 200 if not given."""
    idempotent: bool
    """Whether ``Idempotency-Key`` is honoured."""
    tag: str
    """The chapter of the document; that of the function if not given."""
    media: tuple[str, ...]
    """Other types of content that it can answer, beside JSON."""


@final
class Route(Struct, frozen=True, kw_only=True):
    """One route of the REST interface."""

    method: str
    path: str
    """As API Gateway writes it: ``/bookings/{bookingId}``."""
    endpoint: Callable[..., Any]
    response: Any
    """The type of the body of a success; ``Page[…]`` is one too."""
    body: "type[RequestModel] | None"
    """``None``: nothing may be said in a body."""
    query: "type[Query] | None"
    """``None``: nothing may be said in a query string."""
    roles: frozenset[Role] | None
    summary: str
    tag: str
    duties: frozenset[Duty] = frozenset()
    refusals: tuple[type[Refusal], ...] = ()
    description: str = ""
    status: HTTPStatus = HTTPStatus.OK
    idempotent: bool = False
    media: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Method and path, which name the route."""
        return self.method, self.path

    @property
    def operation_id(self) -> str:
        """The name of the function that answers, as clients call it: ``acceptBooking``."""
        first, *others = self.endpoint.__name__.split("_")
        return first + "".join(word.capitalize() for word in others)

    @property
    def needs_body(self) -> bool:
        """Whether a body must be there: one without which nothing could be meant."""
        if self.body is None:
            return False
        return self.method == "PATCH" or any(field.is_required() for field in self.body.model_fields.values())
