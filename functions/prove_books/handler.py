"""GET /admin/proofs, and each night's proof of the books."""

from typing import Any

from marketplace import bootstrap
from marketplace.catalogue.place.market_days import day_of
from marketplace.operations.proof_of_books.queries import ProofsQuery
from marketplace.operations.proof_of_books.responses import ProofView, proof_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.invocation import Context, Event, triggered
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, FINANCE
from marketplace.platform.clock import utc_now
from marketplace.platform.runtime.observability import Category, count

api = Api(Category.PAYMENT, tag="Administration")


@api.get(
    "/admin/proofs",
    roles=ADMINS,
    duties=FINANCE,
    query=ProofsQuery,
    response=Page[ProofView],
    summary="Read the proofs of the books, newest first",
    description="One for each night; each names the hash of the one before it, and is signed.",
)
def list_proofs(request: Request, query: ProofsQuery) -> Page[ProofView]:
    """Return the proofs of a period."""
    first, last = query.period(day_of(request.now))
    found = bootstrap.proofs().find_between(first.isoformat(), last.isoformat())
    return {"items": [proof_view(proof) for proof in found], "nextCursor": None}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway, or prove the books on schedule."""
    return api.answer(event, context) if "httpMethod" in event else prove_on_schedule(event, context)


@triggered(Category.PAYMENT)
def prove_on_schedule(event: Event) -> dict[str, Any]:
    """Make this night's proof, once."""
    del event
    proof = bootstrap.prover().prove(utc_now())
    count("BookDifferences", len(proof.differences))
    return {"date": proof.date, "hash": proof.hash, "differences": len(proof.differences)}
