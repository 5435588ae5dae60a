"""GET, POST /admin/policies: the rules that the owner sets, version by version."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.catalogue.policy_requests import NewPolicy, PolicyReplay
from marketplace.catalogue.policy_responses import PolicyVersion, ReplayedPolicy, policy_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, FINANCE, OWNERS
from marketplace.platform.observability import Category, count

api = Api(Category.BOOKING, tag="Administration")


@api.get(
    "/admin/policies",
    roles=ADMINS,
    duties=OWNERS,
    query=PageQuery,
    response=Page[PolicyVersion],
    summary="List the versions of the policy, newest first",
    description="The first one is in force; version 0, the template's parameters, ends the list.",
)
def list_policies(request: Request, query: PageQuery) -> Page[PolicyVersion]:
    """Return a page of the versions."""
    cursors, policies = bootstrap.cursors(), bootstrap.policies()
    start = cursors.open("policies", query.cursor, request.now)
    versions, page = policies.find_page(limit=query.limit, start=start)
    items = [policy_view(policy) for policy in versions]
    if page.next_key is None:
        items.append(policy_view(policies.first))
    return {"items": items, "nextCursor": cursors.close("policies", page.next_key)}


@api.post(
    "/admin/policies",
    roles=ADMINS,
    duties=OWNERS,
    body=NewPolicy,
    response=PolicyVersion,
    status=HTTPStatus.CREATED,
    summary="Set the policy for new bookings",
    description="Holds what is given and else what was. It is in force 60 seconds after the answer at the latest; "
    "bookings that were made before keep theirs.",
)
def add_policy(request: Request, body: NewPolicy) -> PolicyVersion:
    """Add a version."""
    policy = bootstrap.policy_commands().add(body.given(), reason=body.reason, by=request.caller, now=request.now)
    count("PoliciesAdded")
    return policy_view(policy)


@api.post(
    "/admin/policies/replay",
    roles=ADMINS,
    duties=OWNERS | FINANCE,
    body=PolicyReplay,
    response=ReplayedPolicy,
    summary="Try a policy out on the bookings of the last days",
    description="What they come to under their own policies, and would have come to under this one; nothing is saved.",
)
def replay_policy(request: Request, body: PolicyReplay) -> ReplayedPolicy:
    """Judge the bookings of the last days twice."""
    done = bootstrap.policy_replay().run(body.given(), days=body.days, now=request.now)
    return {
        "bookings": done.bookings,
        "before": {"commission": done.before.commission, "fees": done.before.fees},
        "after": {"commission": done.after.commission, "fees": done.after.fees},
    }


lambda_handler = api.answer
