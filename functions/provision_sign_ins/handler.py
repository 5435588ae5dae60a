"""From the stream of sign-ins to the user pool: invitations are mailed, sign-ins made possible or not.

A change that fails is brought again by the stream; an invitation that was mailed is noted, so that a second delivery
of the same change mails nothing.
"""

from collections.abc import Mapping
from typing import Any

from marketplace import bootstrap
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.runtime.observability import Category, Severity, count, report


@triggered(Category.AUTH)
def lambda_handler(event: Event) -> dict[str, Any]:
    """Bring the user pool to what the rows say now, whatever the single changes were."""
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            _provision(str(record["dynamodb"]["Keys"]["userId"]["S"]), record["dynamodb"].get("OldImage"))
        except ServiceUnavailable as error:
            count("SignInsNotProvisioned")
            report(
                "sign-in not provisioned",
                category=Category.AUTH,
                severity=Severity.ERROR,
                code="sign_in_not_provisioned",
                error=error,
            )
            failures.append({"itemIdentifier": str(record["dynamodb"]["SequenceNumber"])})
            break
    return {"batchItemFailures": failures}


def _provision(user_id: str, old_image: Mapping[str, Any] | None) -> None:
    sign_in = bootstrap.sign_ins().find(user_id)
    if sign_in is None:
        return
    if sign_in.mailed_for != sign_in.invited_at and sign_in.enabled:
        bootstrap.user_pool().invite(sign_in)
        bootstrap.sign_ins().note_mailed(sign_in)
        count("InvitationsMailed")
    if old_image is not None and _was_enabled(old_image) is not sign_in.enabled:
        bootstrap.user_pool().set_enabled(sign_in)


def _was_enabled(old_image: Mapping[str, Any]) -> bool:
    return bool(old_image.get("enabled", {}).get("BOOL", True))
