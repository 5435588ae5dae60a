"""Refusals to statuses: the one table, and the problem document of RFC 9457."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from marketplace.platform import refusals
from marketplace.platform.refusals import Refusal

STATUSES: Final[Mapping[type[Refusal], HTTPStatus]] = {
    refusals.MalformedJson: HTTPStatus.BAD_REQUEST,
    refusals.UnknownAction: HTTPStatus.BAD_REQUEST,
    refusals.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    refusals.SignInTooOld: HTTPStatus.UNAUTHORIZED,
    refusals.Forbidden: HTTPStatus.FORBIDDEN,
    refusals.NotFound: HTTPStatus.NOT_FOUND,
    refusals.DuplicateBooking: HTTPStatus.CONFLICT,
    refusals.MfaRequired: HTTPStatus.FORBIDDEN,
    refusals.VerificationRequired: HTTPStatus.FORBIDDEN,
    refusals.AlreadyExists: HTTPStatus.CONFLICT,
    refusals.LastOwner: HTTPStatus.CONFLICT,
    refusals.SlotTaken: HTTPStatus.CONFLICT,
    refusals.BookingNotPending: HTTPStatus.CONFLICT,
    refusals.DeadlinePassed: HTTPStatus.CONFLICT,
    refusals.ChangeTooLate: HTTPStatus.CONFLICT,
    refusals.HistoryReset: HTTPStatus.CONFLICT,
    refusals.InvalidTransition: HTTPStatus.CONFLICT,
    refusals.VersionChanged: HTTPStatus.CONFLICT,
    refusals.RoomClosed: HTTPStatus.CONFLICT,
    refusals.QuoteStale: HTTPStatus.CONFLICT,
    refusals.DiscountUnavailable: HTTPStatus.CONFLICT,
    refusals.TherapistUnavailable: HTTPStatus.CONFLICT,
    refusals.ConfirmationRequired: HTTPStatus.CONFLICT,
    refusals.PaymentsUnavailable: HTTPStatus.CONFLICT,
    refusals.PayloadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    refusals.ValidationFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.IdempotencyKeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    refusals.ServiceUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

INTERNAL_CODE: Final = "internal_error"
INTERNAL_DETAIL: Final = "Something went wrong on our side."


def problem(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """Return the problem document of a refusal."""
    status = STATUSES[type(refusal)]
    return {**_document(status, refusal.code, refusal.detail, request_id), **refusal.extensions}


def internal_problem(request_id: str) -> dict[str, Any]:
    """Return the problem document of a fault of ours, which says nothing of its cause."""
    return _document(HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL_CODE, INTERNAL_DETAIL, request_id)


def _document(status: HTTPStatus, code: str, detail: str, request_id: str) -> dict[str, Any]:
    return {
        "type": f"urn:marketplace:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
        "requestId": request_id,
    }
