"""How people wish to be reached: their browsers' push subscriptions, and their preferences."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.notification.contact_requests import NewPushSubscription, PreferencesChange
from marketplace.notification.contact_responses import AddedPushSubscription, PreferencesView, preferences_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import SIGNED_IN
from marketplace.platform.runtime.observability import Category

api = Api(Category.BOOKING, tag="Notifications")


@api.post(
    "/me/push-subscriptions",
    roles=SIGNED_IN,
    body=NewPushSubscription,
    response=AddedPushSubscription,
    status=HTTPStatus.CREATED,
    summary="Take push messages in this browser",
    description="The eleventh of a person takes the place of the oldest; the same endpoint is the same subscription.",
)
def add_push_subscription(request: Request, body: NewPushSubscription) -> AddedPushSubscription:
    """Add a browser."""
    added = bootstrap.contacts().subscribe(
        endpoint=body.endpoint,
        p256dh=body.keys.p256dh,
        auth=body.keys.auth,
        by=request.caller,
        now=request.now,
    )
    return {"subscriptionId": added.subscription_id}


@api.delete(
    "/me/push-subscriptions/{subscriptionId}",
    roles=SIGNED_IN,
    response=AddedPushSubscription,
    summary="Take no more push messages in a browser",
)
def remove_push_subscription(request: Request) -> AddedPushSubscription:
    """Remove one of the caller's browsers; again, it stays so."""
    subscription_id = request.path("subscriptionId")
    bootstrap.contacts().unsubscribe(subscription_id, by=request.caller, now=request.now)
    return {"subscriptionId": subscription_id}


@api.get(
    "/me/preferences", roles=SIGNED_IN, response=PreferencesView, summary="Read how the caller wishes to be reached"
)
def read_preferences(request: Request) -> PreferencesView:
    """Return the caller's preferences."""
    return preferences_view(bootstrap.contacts().preferences_of(request.caller.user_id))


@api.patch(
    "/me/preferences",
    roles=SIGNED_IN,
    body=PreferencesChange,
    response=PreferencesView,
    summary="Change how the caller wishes to be reached",
    description="What is given is merged into what was; `quietHours: null` takes the hours away.",
)
def change_preferences(request: Request, body: PreferencesChange) -> PreferencesView:
    """Merge what is given into the caller's preferences."""
    changed = bootstrap.contacts().change(body.as_change(), by=request.caller, now=request.now)
    return preferences_view(changed)


lambda_handler = api.answer
