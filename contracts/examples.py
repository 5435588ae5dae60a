"""Examples for the documents; tests hold them against the models and types."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

type Json = dict[str, Any]

_BOOKING_ID: Final = "b-4q7XKf2mR0a9TzLw"
_ROOM_ID: Final = "r-4q7XKf2mR0a9TzLw"

BODIES: Final[Mapping[str, Json]] = {
    "NewGuestSession": {"language": "en"},
    "NewCode": {"whatsApp": "0812 3456 7890"},
    "CodeCheck": {"whatsApp": "0812 3456 7890", "code": "123456"},
    "QuoteRequest": {
        "therapistId": "t-ayu",
        "duration": 90,
        "bookingType": "immediate",
        "discountCode": "HEMAT10",
    },
    "NewBooking": {
        "therapistId": "t-ayu",
        "bookingType": "scheduled",
        "scheduledTime": "2026-11-23T02:00:00.000Z",
        "duration": 90,
        "customerName": "Wayan",
        "customerWhatsApp": "0812 3456 7890",
        "hotelVillaId": "h-tepi-sawah",
        "roomNumber": "12",
    },
    "DeclineBooking": {"reason": "Fully booked today"},
    "CancelBooking": {"reason": "Change of plans"},
    "ReassignBooking": {"therapistId": "t-budi"},
    "NewPolicy": {
        "responseWindowSeconds": 900,
        "commissionRateBps": 2500,
        "commissionDueDays": 7,
        "cancellation": {
            "graceMinutes": 10,
            "tiers": [{"hoursBefore": 4, "feeBps": 0}, {"hoursBefore": 0, "feeBps": 5000}],
        },
        "noShowFeeBps": 10000,
        "noShowAfterMinutes": 20,
        "autoCompleteAfterMinutes": 60,
        "startCode": True,
        "redispatch": "ask",
        "redispatchMaxOffers": 3,
        "redispatchMaxMinutes": 30,
        "contactGuard": "mask",
        "verification": "off",
        "requiredDocuments": ["stpt"],
        "pauseOffersWhenOverdueDays": 14,
        "missedOffersUntilOffline": 3,
        "commissionAccount": {
            "bankName": "Bank Nusantara",
            "accountNumber": "1234567890",
            "accountHolder": "Marketplace",
        },
        "reason": "A lower commission for December",
    },
    "NewStaffMember": {
        "userId": "a-made",
        "name": "Made",
        "email": "made@example.com",
        "duties": ["support"],
    },
    "StaffChange": {"duties": ["finance", "support"], "active": True, "name": "Made"},
    "NewMessage": {"clientMessageId": "5f0c6a4e-8a51-4b1e-9d7f-2f6a3c1f7b10", "message": "See you at ten"},
    "MarkRead": {"sequence": 7},
    "NewAttachment": {"fileName": "gate.jpg", "contentType": "image/jpeg", "size": 482133},
    "NewProof": {"fileName": "transfer.pdf", "contentType": "application/pdf", "size": 90112},
    "ProfileChange": {
        "status": "online",
        "openingHours": {"monday": [{"opens": "09:00", "closes": "21:00"}]},
        "overrides": [{"date": "2026-12-25"}],
        "menu": [{"serviceId": "balinese", "name": "Balinese massage", "prices": {"60": 250000, "90": 350000}}],
    },
    "EraseMe": {"confirm": True},
    "RejectCommission": {"reason": "The amount differs"},
    "WaiveCommission": {"reason": "The guest never came", "confirm": True},
    "RevokeCommission": {"reason": "The transfer was called back", "confirm": True},
    "DisputeCommission": {"reason": "The guest paid for an hour only"},
    "ResolveDispute": {"outcome": "reduced", "amount": 50_000, "reason": "Half of it was not held"},
    "NewTestBooking": {"kind": "immediate"},
    "NewAudit": {"full": True},
    "RepairCommission": {"bookingId": _BOOKING_ID},
}
"""One body of each request model."""

BOOKING: Final[Json] = {
    "bookingId": _BOOKING_ID,
    "therapistId": "t-ayu",
    "therapistName": "Ayu",
    "therapistType": "therapist",
    "providerId": "t-ayu",
    "providerType": "therapist",
    "customerId": "c-wayan",
    "customerName": "Wayan",
    "customerWhatsApp": "+6281234567890",
    "duration": 90,
    "price": 350000,
    "listPrice": 350000,
    "discount": 0,
    "discountCode": None,
    "currency": "IDR",
    "status": "pending",
    "createdAt": "2026-11-22T08:15:00.000Z",
    "updatedAt": "2026-11-22T08:15:00.000Z",
    "responseDeadline": "2026-11-22T08:30:00.000Z",
    "scheduledTime": "2026-11-23T02:00:00.000Z",
    "bookingType": "scheduled",
    "mode": "scheduled",
    "source": "scheduled",
    "chatWindowOpen": False,
    "location": None,
    "hotelVillaId": "h-tepi-sawah",
    "hotelVillaName": "Tepi Sawah",
    "roomNumber": "12",
    "serviceId": None,
    "serviceName": None,
    "timeZone": "Asia/Makassar",
    "chatRoomId": _ROOM_ID,
    "confirmedAt": None,
    "declinedAt": None,
    "expiredAt": None,
    "cancelledAt": None,
    "completedAt": None,
    "reason": None,
    "version": 1,
    "policyVersion": 0,
    "isTest": False,
}

MESSAGE: Final[Json] = {
    "conversationId": _ROOM_ID,
    "sequence": 4,
    "senderId": "c-wayan",
    "senderName": "Wayan",
    "senderRole": "customer",
    "receiverId": "t-ayu",
    "receiverRole": "therapist",
    "message": "See you at ten",
    "messageType": "text",
    "bookingId": _BOOKING_ID,
    "isRead": False,
    "timestamp": "2026-11-22T08:15:42.118Z",
    "metadata": {},
    "clientMessageId": "5f0c6a4e-8a51-4b1e-9d7f-2f6a3c1f7b10",
    "attachmentId": None,
    "location": None,
    "mapLink": None,
}

ANSWERS: Final[Mapping[str, Json]] = {
    "Booking": BOOKING,
    "BookingPage": {"items": [BOOKING], "nextCursor": None},
    "ChangedBooking": {"booking": BOOKING},
    "MessagePage": {"items": [MESSAGE], "nextCursor": None, "hasMore": True},
    "MessageAck": {
        "type": "ack",
        "clientMessageId": "5f0c6a4e-8a51-4b1e-9d7f-2f6a3c1f7b10",
        "sequence": 4,
        "timestamp": "2026-11-22T08:15:42.118Z",
    },
    "GuestSession": {
        "customerId": "g-8Jt1sT0Wm2",
        "token": "eyJhbGciOiJIUzI1NiJ9…",
        "expiresAt": "2026-12-22T08:15:00.000Z",
    },
    "ChatTicket": {"ticket": "eyJ1IjoiYy13YXlhbiJ9…", "expiresAt": "2026-11-22T08:15:30.000Z"},
    "Quote": {
        "listPrice": 350000,
        "discount": 35000,
        "price": 315000,
        "currency": "IDR",
        "commissionRate": 0.3,
        "quoteToken": "eyJwIjozMTUwMDB9…",
        "expiresAt": "2026-11-22T08:20:00.000Z",
    },
    "Slots": {
        "therapistId": "t-ayu",
        "date": "2026-11-23",
        "duration": 90,
        "timeZone": "Asia/Makassar",
        "slots": [{"start": "2026-11-23T01:00:00.000Z", "end": "2026-11-23T02:30:00.000Z"}],
    },
    "Upload": {
        "attachmentId": "f-1mZp7Qv3",
        "upload": {"url": "https://uploads.example/", "fields": {"key": "incoming/f-1mZp7Qv3"}},
    },
}
"""Responses by the name of their schema."""

ANSWERED: Final[Mapping[str, Json]] = json.loads(Path(__file__).with_name("answers.json").read_text("utf-8"))
"""Answers of the running system by operation: ``RECORD_EXAMPLES=1 make test TESTS=tests/local/test_contract.py``."""
