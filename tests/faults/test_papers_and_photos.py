"""Papers of therapists and photos are handed in, judged and shown."""

import io
from typing import Final

from PIL import Image

from contracts.examples import BODIES
from tests.faults.market import ADMIN, AYU, BUDI, WAYAN, Market

PDF: Final = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"


def handed_in(market: Market, days: int, kind: str = "stpt") -> str:
    """Let t-ayu hand a paper in that holds for so many days; return its id."""
    expires = market.now.date().fromordinal(market.now.date().toordinal() + days).isoformat()
    body = {**BODIES["NewDocument"], "kind": kind, "expiresOn": expires, "size": len(PDF)}
    announced = market.expect(201, AYU, "POST", "/me/documents", body)
    market.bucket.files[announced["upload"]["fields"]["key"]] = PDF
    market.expect(200, AYU, "POST", f"/me/documents/{announced['documentId']}/submit")
    return str(announced["documentId"])


def test_with_required_papers_only_therapists_with_approved_ones_get_offers(market: Market) -> None:
    required = {"requiredDocuments": ["stpt"], "reason": "the law"}
    market.expect(201, ADMIN, "POST", "/admin/policies", required)
    market.wait(minutes=1)
    assert market.call(WAYAN, "POST", "/bookings", market.order()).body["code"] == "therapist_unavailable"
    document_id = handed_in(market, 40)
    assert [each["documentId"] for each in market.expect(200, ADMIN, "GET", "/admin/documents")["items"]] == [
        document_id
    ]
    approved = market.expect(200, ADMIN, "POST", f"/admin/documents/{document_id}/approve")
    assert approved["status"] == "approved"
    again = market.call(ADMIN, "POST", f"/admin/documents/{document_id}/approve")
    assert again.body["code"] == "invalid_transition"
    assert market.expect(200, None, "GET", "/therapists/t-ayu")["verifiedUntil"] == approved["expiresOn"]
    booking_id = market.book()
    market.command(WAYAN, booking_id, "cancel")

    market.wait(days=42)
    assert market.call(WAYAN, "POST", "/bookings", market.order()).body["code"] == "therapist_unavailable"
    assert market.expect(200, AYU, "GET", "/me/documents")["items"][0]["status"] == "expired"
    expired = market.expect(200, ADMIN, "GET", "/admin/documents", query={"status": "expired"})["items"]
    assert [each["documentId"] for each in expired] == [document_id]


def test_a_rejected_paper_counts_no_more_and_says_why(market: Market) -> None:
    document_id = handed_in(market, 40)
    market.expect(200, ADMIN, "POST", f"/admin/documents/{document_id}/approve")
    reason = {"reason": "it is another's"}
    rejected = market.expect(200, ADMIN, "POST", f"/admin/documents/{document_id}/reject", reason)
    assert (rejected["status"], rejected["reason"]) == ("rejected", "it is another's")
    assert market.expect(200, AYU, "GET", "/me")["verifiedUntil"] is None
    kinds = [each["kind"] for each in market.expect(200, AYU, "GET", "/notifications")["items"]]
    assert {"document_approved", "document_rejected"} <= set(kinds)


def test_a_therapist_is_reminded_of_a_paper_three_times(market: Market) -> None:
    market.expect(200, ADMIN, "POST", f"/admin/documents/{handed_in(market, 31)}/approve")
    reminded = 0
    for _ in range(33):
        reminded += sum(market.invoke("manage_catalogue", {})["reminded"] for _ in range(2))
        market.wait(days=1)
    assert reminded == 3


def test_a_paper_is_nobody_else_s_and_not_handed_in_without_its_file(market: Market) -> None:
    over = {**BODIES["NewDocument"], "expiresOn": "2020-01-01"}
    assert market.call(AYU, "POST", "/me/documents", over).status == 422
    announced = market.expect(201, AYU, "POST", "/me/documents", BODIES["NewDocument"])
    path = f"/me/documents/{announced['documentId']}/submit"
    assert (market.call(AYU, "POST", path).status, market.call(BUDI, "POST", path).status) == (422, 404)
    assert market.call(ADMIN, "POST", f"/admin/documents/{announced['documentId']}/approve").status == 409


def test_a_photo_is_drawn_anew_square_and_small_and_kept_under_its_content_s_address(market: Market) -> None:
    picture = io.BytesIO()
    notes = Image.Exif()
    notes[0x010E] = "taken at home"
    Image.new("RGB", (900, 600), "teal").save(picture, "JPEG", exif=notes)
    asked_for = {"fileName": "me.jpg", "contentType": "image/jpeg", "size": len(picture.getvalue())}
    upload = market.expect(201, AYU, "POST", "/me/photo", asked_for)
    key = upload["upload"]["fields"]["key"]
    market.bucket.files[key] = picture.getvalue()
    for _ in range(2):
        market.invoke("process_upload", {"Records": [{"s3": {"object": {"key": key}}}]})

    url = market.expect(200, None, "GET", "/therapists/t-ayu")["photoUrl"]
    name = url.removeprefix("https://market.example.com/")
    assert name.startswith("photos/")
    assert list(market.bucket.files) == [name]
    with Image.open(io.BytesIO(market.bucket.files[name])) as photo:
        assert (photo.size, photo.format, dict(photo.getexif())) == ((512, 512), "JPEG", {})
    assert market.violations() == []
