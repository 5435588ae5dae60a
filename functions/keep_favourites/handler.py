"""GET /me/favourites, PUT and DELETE /me/favourites/{therapistId}: whom a customer likes to find again."""

from typing import TypedDict

from marketplace import bootstrap
from marketplace.catalogue.responses import TherapistView, therapist_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import CUSTOMERS
from marketplace.platform.observability import Category, count

api = Api(Category.BOOKING, tag="Catalogue")


class Favourite(TypedDict):
    """Whether a therapist is among the caller's favourites now."""

    therapistId: str
    isFavourite: bool


@api.get(
    "/me/favourites",
    roles=CUSTOMERS,
    query=PageQuery,
    response=Page[TherapistView],
    summary="List the caller's favourites",
)
def list_favourites(request: Request, query: PageQuery) -> Page[TherapistView]:
    """Return a page of the therapists whom the caller likes; who is suspended is left out."""
    of_list, cursors = f"favourites:{request.caller.user_id}", bootstrap.cursors()
    therapists, next_key = bootstrap.favourites().find_page(
        request.caller.user_id, limit=query.limit, start=cursors.open(of_list, query.cursor, request.now)
    )
    return {
        "items": [therapist_view(each) for each in therapists],
        "nextCursor": cursors.close(of_list, next_key),
    }


@api.put(
    "/me/favourites/{therapistId}", roles=CUSTOMERS, response=Favourite, summary="Add a therapist to the favourites"
)
def add_favourite(request: Request) -> Favourite:
    """Add a therapist; again, it answers the same."""
    therapist_id = request.path("therapistId")
    bootstrap.favourites().add(therapist_id, by=request.caller, now=request.now)
    count("FavouritesAdded")
    return {"therapistId": therapist_id, "isFavourite": True}


@api.delete(
    "/me/favourites/{therapistId}", roles=CUSTOMERS, response=Favourite, summary="Take a therapist from the favourites"
)
def remove_favourite(request: Request) -> Favourite:
    """Take a therapist away; again, it answers the same."""
    therapist_id = request.path("therapistId")
    bootstrap.favourites().remove(therapist_id, by=request.caller, now=request.now)
    return {"therapistId": therapist_id, "isFavourite": False}


lambda_handler = api.answer
