"""Violations of each invariant, planted in the tables of a market where nothing is broken."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from marketplace.operations.proof_of_books.model import FIRST_HASH, hash_of
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc, parse_utc
from tests.faults.market import room_of
from tests.faults.planted_ends import (
    accept_it_twice,
    ask_another_fee_than_the_policy,
    finish_without_a_commission,
    offer_it_twice_at_once,
    put_two_visits_into_one_bed,
)

type Tables = dict[str, list[dict[str, Any]]]


type Plant = Callable[[Tables], None]


def booking_in(tables: Tables, status: str) -> dict[str, Any]:
    return next(row for row in tables["bookings"] if row["status"] == status and "proposal" not in row)


def record_of(tables: Tables, booking: Mapping[str, Any]) -> dict[str, Any]:
    return next(row for row in tables["commission_records"] if row["bookingId"] == booking["bookingId"])


def room_in(tables: Tables, booking: Mapping[str, Any]) -> dict[str, Any]:
    return next(row for row in tables["chat_rooms"] if row["bookingId"] == booking["bookingId"])


def audit_log_of(tables: Tables, booking: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        row for row in tables["history"] if row["entityId"] == booking["bookingId"] and "#booking#" in row["entryId"]
    ]


def lose_a_commission(tables: Tables) -> None:
    tables["commission_records"].remove(record_of(tables, booking_in(tables, "confirmed")))


def double_a_commission(tables: Tables) -> None:
    tables["commission_records"].append(dict(record_of(tables, booking_in(tables, "completed"))))


def change_an_amount(tables: Tables) -> None:
    record_of(tables, booking_in(tables, "confirmed"))["commissionAmount"] += 1


def give_a_record_to_somebody_else(tables: Tables) -> None:
    record_of(tables, booking_in(tables, "confirmed"))["therapistId"] = "t-citra"


def bring_a_cancelled_booking_back(tables: Tables) -> None:
    booking_in(tables, "cancelled")["status"] = "pending"


def lose_a_step_of_the_audit_log(tables: Tables) -> None:
    tables["history"].remove(audit_log_of(tables, booking_in(tables, "completed"))[1])


def answer_twice(tables: Tables) -> None:
    booking = booking_in(tables, "completed")
    entry = dict(next(row for row in audit_log_of(tables, booking) if row["action"] == "confirmed"))
    tables["history"].append({**entry, "action": "declined", "version": 3, "entryId": entry["entryId"] + "-again"})


def both_expire_and_decline(tables: Tables) -> None:
    booking = booking_in(tables, "declined")
    booking["expiredAt"] = booking["responseDeadline"]


def confirm_too_late(tables: Tables) -> None:
    booking = booking_in(tables, "confirmed")
    booking["confirmedAt"] = booking["responseDeadline"]


def expire_too_early(tables: Tables) -> None:
    booking = booking_in(tables, "expired")
    booking["expiredAt"] = format_utc(parse_utc(booking["responseDeadline"]) - timedelta(seconds=1))


def forget_a_pending_booking(tables: Tables) -> None:
    booking = booking_in(tables, "pending")
    booking["responseDeadline"] = format_utc(parse_utc(booking["responseDeadline"]) - timedelta(days=2))


def put_a_therapist_in_two_places(tables: Tables) -> None:
    one = booking_in(tables, "confirmed")
    tables["bookings"].append({**one, "bookingId": "b-twin"})


def lose_a_hold(tables: Tables) -> None:
    booking_id = booking_in(tables, "confirmed")["bookingId"]
    for sheet in tables["calendar"]:
        sheet["holds"].pop(booking_id, None)


def leave_a_hold(tables: Tables) -> None:
    booking = booking_in(tables, "completed")
    sheet = next(row for row in tables["calendar"] if row["therapistId"] == booking["therapistId"])
    sheet["holds"][booking["bookingId"]] = {"startsAt": booking["confirmedAt"], "endsAt": booking["confirmedAt"]}


def move_a_hold(tables: Tables) -> None:
    booking_id = booking_in(tables, "confirmed")["bookingId"]
    sheet = next(row for row in tables["calendar"] if booking_id in row["holds"])
    sheet["holds"][booking_id]["startsAt"] = sheet["holds"][booking_id]["endsAt"]


def lose_a_proposed_time(tables: Tables) -> None:
    for sheet in tables["calendar"]:
        sheet["holds"] = {key: hold for key, hold in sheet["holds"].items() if not key.endswith("~")}


def close_a_proposal_and_leave_its_time(tables: Tables) -> None:
    next(row for row in tables["bookings"] if "proposal" in row).pop("proposal")


def lose_a_room(tables: Tables) -> None:
    tables["chat_rooms"].remove(room_in(tables, booking_in(tables, "confirmed")))


def let_a_stranger_into_a_room(tables: Tables) -> None:
    room_in(tables, booking_in(tables, "confirmed"))["therapistId"] = "t-citra"


def leave_a_room_open(tables: Tables) -> None:
    room_in(tables, booking_in(tables, "declined"))["status"] = "active"


def make_a_source_up(tables: Tables) -> None:
    booking_in(tables, "confirmed")["source"] = "booking_flow"


def change_a_price_in_the_sums(tables: Tables) -> None:
    record_of(tables, booking_in(tables, "confirmed"))["bookingAmount"] += 1


def lose_a_message(tables: Tables) -> None:
    room_id = room_of(booking_in(tables, "confirmed")["bookingId"])
    tables["chat_messages"].remove(
        next(row for row in tables["chat_messages"] if row["conversationId"] == room_id and row["sequence"] == 4)
    )


def let_time_run_backwards(tables: Tables) -> None:
    room_id = room_of(booking_in(tables, "confirmed")["bookingId"])
    message = next(row for row in tables["chat_messages"] if row["conversationId"] == room_id and row["sequence"] == 5)
    message["timestamp"] = format_utc(parse_utc(message["timestamp"]) - timedelta(hours=1))


def lose_a_change(tables: Tables) -> None:
    tables["chat_changes"].remove(next(row for row in tables["chat_changes"] if row["revision"] == 2))


def change_a_message_past_every_revision(tables: Tables) -> None:
    next(row for row in tables["chat_messages"] if row["clientMessageId"] == "m-2")["revision"] = 9


def mask_after_confirmation(tables: Tables) -> None:
    next(row for row in tables["chat_messages"] if row["clientMessageId"] == "m-2")["original"] = "0812 3456 7890"


def leave_a_number_in_an_early_message(tables: Tables) -> None:
    next(row for row in tables["chat_messages"] if row["clientMessageId"] == "m-1")["message"] = "0812 3456 7890"


def double_a_message(tables: Tables) -> None:
    message = next(row for row in tables["chat_messages"] if row["clientMessageId"] == "m-1")
    tables["chat_messages"].append({**message, "sequence": 99})


def lose_a_claim(tables: Tables) -> None:
    tables["claims"].remove(next(row for row in tables["claims"] if row["claimId"] == "m-1"))


def change_an_acknowledged_message(tables: Tables) -> None:
    next(row for row in tables["chat_messages"] if row["clientMessageId"] == "m-1")["message"] = "something else"


def acknowledge_out_of_order(tables: Tables) -> None:
    one = next(row for row in tables["acknowledged"] if row["clientMessageId"] == "m-1")
    tables["acknowledged"] += [dict(one)]


def make_a_message_up(tables: Tables) -> None:
    tables["invoked"] = [row for row in tables["acknowledged"] if row["clientMessageId"] != "m-2"]


def move_a_read_cursor_too_far(tables: Tables) -> None:
    room = room_in(tables, booking_in(tables, "confirmed"))
    room["customerReadSequence"] = room["lastSequence"] + 1


def move_a_read_cursor_back(tables: Tables) -> None:
    room_in(tables, booking_in(tables, "confirmed"))["customerReadSequence"] = 0


def say_a_step_twice(tables: Tables) -> None:
    message = next(row for row in tables["chat_messages"] if row["messageType"] == "status-update")
    tables["chat_messages"].append({**message, "sequence": 99})


def say_a_forgotten_step_too(tables: Tables) -> None:
    forgotten = next(row for row in tables["bookings"] if row["customerId"] == KETUT.user_id)
    forgotten["version"] += 1


def leave_the_welcome_out(tables: Tables) -> None:
    room_id = room_of(booking_in(tables, "confirmed")["bookingId"])
    welcome = next(row for row in tables["chat_messages"] if row["conversationId"] == room_id and row["sequence"] == 1)
    welcome["metadata"] = {"template": "goodbye"}


def forget_the_first_messages(tables: Tables) -> None:
    tables["chat_messages"] = [row for row in tables["chat_messages"] if row["sequence"] > 2]


def forget_a_request(tables: Tables) -> None:
    booking_in(tables, "confirmed")["requestHash"] = None


def ask_twice(tables: Tables) -> None:
    booking = booking_in(tables, "pending")
    tables["bookings"].append({**booking, "bookingId": "b-again"})


def forget_an_open_request(tables: Tables) -> None:
    booking_id = booking_in(tables, "pending")["bookingId"]
    for claim in tables["claims"]:
        claim.get("requests", {}).pop(booking_id, None)


def pay_without_a_proof(tables: Tables) -> None:
    record_of(tables, booking_in(tables, "confirmed"))["paymentStatus"] = "paid"


def lose_a_use_of_a_code(tables: Tables) -> None:
    tables["claims"] = [row for row in tables["claims"] if not row["claimKey"].startswith("discount#SEKALI")]


def miscount_a_code(tables: Tables) -> None:
    next(row for row in tables["discount_codes"] if row["discountCode"] == "SEKALI")["used"] = 0


def let_a_socket_live_too_long(tables: Tables) -> None:
    tables["connections"][0]["expiresAtEpoch"] += 3600


def let_a_socket_belong_to_nobody(tables: Tables) -> None:
    tables["connections"][0]["ownerId"] = ""


def rewrite_history(tables: Tables) -> None:
    tables["history"][0]["actor"] = "somebody-else"


def change_a_row_past_every_command(tables: Tables) -> None:
    booking_in(tables, "confirmed")["customerName"] = "Somebody Else"


def act_as_nobody(tables: Tables) -> None:
    tables["history"][0]["actor"] = ""


def write_a_number_as_text(tables: Tables) -> None:
    booking_in(tables, "confirmed")["price"] = "350000"


def write_a_local_time(tables: Tables) -> None:
    booking_in(tables, "confirmed")["createdAt"] = "2026-11-22 08:15:00"


def cite_an_unknown_file(tables: Tables) -> None:
    next(row for row in tables["chat_messages"] if row["clientMessageId"] == "m-1")["attachmentId"] = "a-unknown"


def lose_a_file(tables: Tables) -> None:
    tables["attachments"].append(
        {"attachmentId": "a-1", "kind": "message", "conversationId": "r-1", "status": "ready", "requestHash": "0" * 64}
    )
    tables["objects"] = []


def lose_money(tables: Tables) -> None:
    record_of(tables, booking_in(tables, "cancelled"))["commissionAmount"] = 0


def unbalance_a_posting(tables: Tables) -> None:
    tables["ledger_entries"][0]["lines"][0]["debit"] += 1


def lose_a_posting(tables: Tables) -> None:
    tables["ledger_entries"].pop()


def make_a_credit_up(tables: Tables) -> None:
    tables["claims"].append({"claimKey": "credits#t-ayu", "claimId": "balance", "kind": "credits", "available": 1})


def issue_papers(tables: Tables, *numbers: int) -> None:
    for count, number in enumerate(numbers):
        paper = {"paperKey": f"receipt#b-{count}", "number": f"R-2026-{number:06d}"}
        tables["papers"].append({**paper, "pdfHash": "0" * 64, "jsonHash": "0" * 64})
    tables["claims"].append({"claimKey": "papers#R-2026", "claimId": "number", "latest": len(numbers)})


def skip_a_number(tables: Tables) -> None:
    issue_papers(tables, 1, 3)


def number_two_papers_alike(tables: Tables) -> None:
    issue_papers(tables, 1, 1)


def prove(tables: Tables, *numbers: int) -> None:
    previous = FIRST_HASH
    for number in numbers:
        said = {"date": f"2026-11-{number:02d}", "entries": number, "entriesHash": "0" * 64, "bookings": 1}
        proof = {**said, "differences": [], "previousHash": previous}
        previous = hash_of(proof)
        tables["proofs"].append({**proof, "number": number, "hash": previous})


def lose_a_proof(tables: Tables) -> None:
    prove(tables, 1, 2, 3)
    del tables["proofs"][1]


def change_a_proof(tables: Tables) -> None:
    prove(tables, 1, 2)
    tables["proofs"][0]["entries"] += 1


def offers_told_in(tables: Tables) -> list[dict[str, Any]]:
    booking = booking_in(tables, "expired")
    return [row for row in tables["deliveries"] if row["event"] == "offer" and row["bookingId"] == booking["bookingId"]]


def lose_a_step_of_the_ladder(tables: Tables) -> None:
    tables["deliveries"].remove(offers_told_in(tables)[0])


def ring_for_an_offer_that_is_over(tables: Tables) -> None:
    told, deadline = offers_told_in(tables)[0], booking_in(tables, "expired")["responseDeadline"]
    late = format_utc(parse_utc(deadline) + timedelta(minutes=1))
    del told["dueShard"]
    told |= {"status": "sent", "updatedAt": late}


def send_what_has_an_outcome(tables: Tables) -> None:
    offers_told_in(tables)[0]["status"] = "skipped"


PLANTS: Final[Mapping[str, tuple[Plant, ...]]] = {
    "I1": (lose_a_commission, double_a_commission),
    "I2": (change_an_amount,),
    "I3": (give_a_record_to_somebody_else,),
    "I4": (bring_a_cancelled_booking_back, lose_a_step_of_the_audit_log),
    "I5": (answer_twice, both_expire_and_decline),
    "I6": (confirm_too_late, expire_too_early),
    "I7": (forget_a_pending_booking,),
    "I8": (put_a_therapist_in_two_places,),
    "I9": (lose_a_hold, leave_a_hold, move_a_hold),
    "I10": (lose_a_room, let_a_stranger_into_a_room, leave_a_room_open),
    "I11": (make_a_source_up, change_a_price_in_the_sums),
    "I12": (lose_a_message, let_time_run_backwards),
    "I13": (double_a_message, lose_a_claim),
    "I14": (change_an_acknowledged_message, acknowledge_out_of_order, make_a_message_up),
    "I15": (move_a_read_cursor_too_far, move_a_read_cursor_back),
    "I16": (say_a_step_twice, say_a_forgotten_step_too, leave_the_welcome_out),
    "I17": (forget_a_request,),
    "I18": (ask_twice, forget_an_open_request),
    "I19": (pay_without_a_proof,),
    "I20": (lose_a_use_of_a_code, miscount_a_code),
    "I21": (let_a_socket_live_too_long, let_a_socket_belong_to_nobody),
    "I22": (rewrite_history, change_a_row_past_every_command, act_as_nobody, lose_a_step_of_the_audit_log),
    "I23": (write_a_number_as_text, write_a_local_time),
    "I24": (cite_an_unknown_file, lose_a_file),
    "I25": (lose_money,),
    "I26": (unbalance_a_posting, lose_a_posting, make_a_credit_up),
    "I27": (ask_another_fee_than_the_policy, finish_without_a_commission),
    "I28": (lose_a_proposed_time, close_a_proposal_and_leave_its_time),
    "I29": (offer_it_twice_at_once, accept_it_twice),
    "I30": (put_two_visits_into_one_bed,),
    "I31": (lose_a_change, change_a_message_past_every_revision),
    "I32": (mask_after_confirmation, leave_a_number_in_an_early_message),
    "I33": (lose_a_step_of_the_ladder, ring_for_an_offer_that_is_over, send_what_has_an_outcome),
    "I34": (skip_a_number, number_two_papers_alike),
    "I35": (lose_a_proof, change_a_proof),
}


KETUT: Final = Caller(user_id="c-ketut", role=Role.CUSTOMER, signed_in_at=2_000_000_000)
