"""A therapist's feed: whoever has the address reads it, and rotating kills the old one."""

from tests.faults.market import AYU, WAYAN, Market
from tests.faults.test_visits import confirmed


def feed(market: Market, url: str) -> tuple[int, str]:
    secret = url.rpartition("/")[2]
    event = {
        "httpMethod": "GET",
        "resource": "/calendar-feeds/{feed}",
        "path": f"/calendar-feeds/{secret}",
        "headers": {},
        "pathParameters": {"feed": secret},
        "requestContext": {"requestId": "r-1", "authorizer": {}},
    }
    answer = market.invoke("review_visits", event)
    return answer["statusCode"], str(answer["body"])


def test_a_feed_shows_visits_to_whoever_has_the_address_until_it_is_rotated(market: Market) -> None:
    booking_id = confirmed(market)
    url = market.expect(200, AYU, "GET", "/me/calendar-feed")["url"]
    assert market.expect(200, AYU, "GET", "/me/calendar-feed")["url"] == url
    status, text = feed(market, url)
    assert status == 200
    assert f"UID:{booking_id}@" in text.replace("\r\n ", "")
    assert market.call(WAYAN, "GET", "/me/calendar-feed").status == 403

    renewed = market.expect(200, AYU, "POST", "/me/calendar-feed/rotate")["url"]
    assert renewed != url
    assert feed(market, url)[0] == 404
    assert feed(market, renewed)[0] == 200
    market.command(WAYAN, booking_id, "cancel")
    assert "STATUS:CANCELLED" in feed(market, renewed)[1]
    assert feed(market, "x/" + "0" * 32 + "t-nobody.ics")[0] == 404
