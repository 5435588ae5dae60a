"""Papers and proofs of the running system: issued once, numbered without a gap, chained and signed."""

import base64
import hashlib
import re
from functools import partial
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_public_key

from marketplace.operations.proof_of_books.model import canonical
from tests.local.test_money import accepted
from tests.local.visits import a_visit, booked
from tests.local.world import World, at_once
from tools.local.person import Person, expect


def completed(world: World, therapist: Person) -> tuple[Person, str]:
    """Book, accept and complete a visit; return its customer and its id."""
    customer = world.guest()
    booking_id = str(booked(customer, a_visit(therapist.user_id))["bookingId"])
    expect(therapist.post(f"/bookings/{booking_id}/accept"), 200)
    expect(therapist.post(f"/bookings/{booking_id}/complete"), 200)
    return customer, booking_id


def number_of(receipt: dict[str, Any]) -> int:
    found = re.fullmatch(r"R-\d{4}-(\d{6})", receipt["number"])
    assert found
    return int(found[1])


def test_a_receipt_is_issued_once_and_the_same_for_both(world: World) -> None:
    therapist = world.therapist()
    customer, booking_id = completed(world, therapist)
    path = f"/bookings/{booking_id}/receipt"

    answers = at_once([lambda: customer.get(path), lambda: therapist.get(path)] * 4)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    receipt = answers[0].json()
    assert (receipt["bookingId"], receipt["total"]) == (booking_id, receipt["price"])
    assert world.guest().get(path).status_code == 404
    pdfs = {who.get_as(path, "application/pdf").content for who in (customer, therapist)}
    assert len(pdfs) == 1
    assert pdfs.pop().startswith(b"%PDF-1.")


def test_numbers_of_receipts_have_no_gap(world: World) -> None:
    therapists = [world.therapist() for _ in range(4)]
    visits = [(therapist, completed(world, therapist)[1]) for therapist in therapists]

    def receipt(therapist: Person, booking_id: str) -> dict[str, Any]:
        read: dict[str, Any] = expect(therapist.get(f"/bookings/{booking_id}/receipt"), 200)
        return read

    receipts = at_once([partial(receipt, *visit) for visit in visits])

    numbers = sorted(number_of(receipt) for receipt in receipts)
    assert numbers == list(range(numbers[0], numbers[0] + 4))


def test_there_is_no_receipt_before_the_end(world: World) -> None:
    therapist = world.therapist()
    commission = accepted(world, therapist)
    answer = therapist.get(f"/bookings/{commission['bookingId']}/receipt")
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")


def test_an_invoice_of_a_finished_month_is_issued_once(world: World) -> None:
    therapist, other = world.therapist(), world.therapist()
    ledger = world.table("ledger_entries")
    ledger.put_item(
        Item={
            "therapistId": therapist.user_id,
            "entryId": f"2026-03-05T05:00:00.000Z#b-old-{therapist.user_id}#000001",
            "bookingId": f"b-old-{therapist.user_id}",
            "at": "2026-03-05T05:00:00.000Z",
            "day": "2026-03-05",
            "reason": "commission",
            "lines": [
                {"account": "receivable", "debit": 75_000, "credit": 0},
                {"account": "revenue", "debit": 0, "credit": 75_000},
            ],
        }
    )

    for _ in range(2):
        world.invoke("IssuePapersFunction", {"month": "2026-03"})

    listed = expect(therapist.get("/me/invoices"), 200)["items"]
    assert [(each["month"], each["total"]) for each in listed] == [("2026-03", 75_000)]
    path = f"/me/invoices/{listed[0]['number']}"
    invoice = expect(therapist.get(path), 200)
    assert (invoice["commission"], invoice["corrections"], invoice["closingBalance"]) == (75_000, 0, 75_000)
    assert therapist.get_as(path, "application/pdf").content.startswith(b"%PDF-1.")
    assert other.get(path).status_code == 404
    ledger.delete_item(
        Key={"therapistId": therapist.user_id, "entryId": f"2026-03-05T05:00:00.000Z#b-old-{therapist.user_id}#000001"}
    )


def test_each_night_is_proven_once_signed_and_chained(world: World) -> None:
    admin = world.demo_user("a-finance")
    accepted(world, world.therapist())
    done = world.invoke("ProveBooksFunction")
    assert world.invoke("ProveBooksFunction")["hash"] == done["hash"]

    proof = next(each for each in expect(admin.get("/admin/proofs"), 200)["items"] if each["hash"] == done["hash"])

    assert proof["entries"] > 0
    body = {name: value for name, value in proof.items() if name not in {"hash", "signature"}}
    assert hashlib.sha256(canonical(body)).hexdigest() == proof["hash"]
    public = world.client("kms").get_public_key(KeyId=world.stack_output("ProofKeyId"))["PublicKey"]
    key = load_der_public_key(public)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    signature = base64.b64decode(proof["signature"])
    key.verify(signature, bytes.fromhex(proof["hash"]), ec.ECDSA(Prehashed(hashes.SHA256())))
    assert world.demo_user("a-support").get("/admin/proofs").status_code == 403
