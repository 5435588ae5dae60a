"""POST /bookings/{bookingId}/review, GET /therapists/{therapistId}/reviews, POST /me/reviews/{bookingId}/reply."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.booking.review_requests import NewReply, NewReview
from marketplace.booking.review_responses import ReviewView, review_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ANYONE, PARTIES, THERAPISTS
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.refusals import InvalidTransition

api = Api(Category.BOOKING, tag="Bookings")


@api.post(
    "/bookings/{bookingId}/review",
    roles=PARTIES,
    body=NewReview,
    response=ReviewView,
    status=HTTPStatus.CREATED,
    refusals=(InvalidTransition,),
    summary="Review a completed visit",
    description=(
        "Each party once, within 14 days of the completion. It is hidden until both are in or 7 days are over; "
        "the therapist's rating counts the customers' shown ones."
    ),
)
def write_review(request: Request, body: NewReview) -> ReviewView:
    """Write the caller's review."""
    booking_id = request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    review = bootstrap.reviews().write(
        booking_id, rating=body.rating, text=body.text, by=request.caller, now=request.now
    )
    count("ReviewsWritten")
    return review_view(review, request.now)


@api.get(
    "/therapists/{therapistId}/reviews",
    roles=ANYONE,
    query=PageQuery,
    response=Page[ReviewView],
    summary="List the customers' reviews of a therapist, newest first",
)
def list_reviews(request: Request, query: PageQuery) -> Page[ReviewView]:
    """Return a page of the reviews that are shown."""
    now, therapist_id = request.now, request.path("therapistId")
    of_list, cursors = f"reviews:{therapist_id}", bootstrap.cursors()
    start = cursors.open(of_list, query.cursor, now)
    bootstrap.catalogue().therapist(therapist_id)
    reviews, next_key = bootstrap.reviews().find_shown(therapist_id, limit=query.limit, start=start, now=now)
    return {
        "items": [review_view(each, now) for each in reviews],
        "nextCursor": cursors.close(of_list, next_key),
    }


@api.post(
    "/me/reviews/{bookingId}/reply",
    roles=THERAPISTS,
    body=NewReply,
    response=ReviewView,
    refusals=(InvalidTransition,),
    summary="Answer a customer's review, once",
)
def reply_to_review(request: Request, body: NewReply) -> ReviewView:
    """Answer a review that is shown."""
    booking_id = request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    return review_view(
        bootstrap.reviews().reply(booking_id, body.text, by=request.caller, now=request.now), request.now
    )


lambda_handler = api.answer
