"""The one list of what may name a customer: every table, every attribute, and what erasing does with it.

Whoever stores a new attribute enters it here, under what it is; a test holds the list against the models and against
what is really written, and another looks for an erased customer in every row.
"""

from enum import StrEnum
from typing import Final

from marketplace.operations.privacy.words import PERSONAL_PARAMETERS


class Erasing(StrEnum):
    """What erasing a customer does with an attribute that may name them."""

    REPLACED = "replaced"
    """Something stands for it from now on, the same for everybody or a pseudonym; or nothing does."""
    OWN_WORDS = "own words"
    """Gone where the customer wrote it; out of another's words goes the customer's name and number."""
    ROW_DELETED = "row deleted"
    """It goes with its whole row, where the row is the customer's."""
    EXPIRES = "expires"
    """It stays for its short time: within hours or days the row is gone."""


PERSONAL: Final[dict[str, dict[str, Erasing]]] = {
    "bookings": {
        **dict.fromkeys(
            ("customerName", "customerWhatsApp", "location", "distanceKm", "roomNumber", "reason", "requestHash"),
            Erasing.REPLACED,
        ),
    },
    "chat_rooms": dict.fromkeys(("customerName", "lastMessage"), Erasing.REPLACED),
    "chat_messages": {
        **dict.fromkeys(("senderName", "metadata", "location", "attachmentId"), Erasing.REPLACED),
        "message": Erasing.OWN_WORDS,
        "original": Erasing.OWN_WORDS,
        "translations": Erasing.OWN_WORDS,
    },
    "commission_records": dict.fromkeys(("reason", "disputeReason"), Erasing.OWN_WORDS),
    "history": dict.fromkeys(("reason", "before", "after"), Erasing.OWN_WORDS),
    "notifications": {"parameters": Erasing.REPLACED, "userId": Erasing.ROW_DELETED},
    "attachments": {"fileName": Erasing.ROW_DELETED, "requestHash": Erasing.ROW_DELETED},
    "claims": {
        "claimKey": Erasing.ROW_DELETED,  # the open requests of a telephone number
        "claimId": Erasing.ROW_DELETED,  # how often a number has used a code
        "whatsApp": Erasing.REPLACED,
    },
    "reports": dict.fromkeys(("reason", "text", "note"), Erasing.OWN_WORDS),
    "reviews": dict.fromkeys(("text", "reply"), Erasing.REPLACED),  # the name; stars and other words stay
    "favourites": dict.fromkeys(("customerId", "therapistId"), Erasing.ROW_DELETED),
    "connections": dict.fromkeys(("userId", "ownerId"), Erasing.EXPIRES),
    "push_subscriptions": dict.fromkeys(("userId", "endpoint", "p256dh", "auth"), Erasing.ROW_DELETED),
    "webhook_deliveries": {"body": Erasing.EXPIRES},
    "deliveries": {"to": Erasing.REPLACED, "parameters": Erasing.REPLACED},
}
"""Attributes that may name a customer, by table. Ids of customers are opaque: who they are is what is erased here."""

PARAMETERS: Final = dict.fromkeys(PERSONAL_PARAMETERS, Erasing.REPLACED)
"""The same for parameters of the system's messages and of notifications."""


def _named(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_EVERYWHERE: Final = _named("operationId version expiresAtEpoch isTest createdMonth listShard statusShard listed")
NAMES_NOBODY: Final[dict[str, frozenset[str]]] = {
    "bookings": _named(
        "bookingId customerId chatRoomId status event actorId actorRole createdAt updatedAt offeredAt scheduledTime",
        "responseDeadline confirmedAt confirmedDay confirmedTherapistId declinedAt expiredAt cancelledAt completedAt",
        "therapistId therapistName therapistType therapistWhatsApp previousTherapistId providerId providerType",
        "timeZone bookingType mode source chatWindowOpen duration bufferMinutes heldDays otherRequests pendingShard",
        "removing listPrice price discount discountCode discountCounters currency commissionRateBps serviceId",
        "serviceName hotelVillaId hotelVillaName endsAt confirmedShard visitStep enRouteAt arrivedAt startedAt",
        "finishedAt completedBy noShowAt noShowBy cancelledBy cancellationFee startCode policyVersion consentVersion",
        "hotelLatitude hotelLongitude bufferBeforeMinutes customerLanguage discountFundedBy",
        "redispatchedAt proposal proposalShard proposalExpiresAt lookingSince asked placeErasedAt dueAt dueShard",
        "importedAt formerly open",
    ),
    "favourites": _named("addedAt"),
    "reviews": _named(
        "bookingId author therapistId customerId rating createdAt showAt isCounted repliedAt reviewOf",
        "hiddenShard",
    ),
    "calendar": _named("therapistId day holds visits"),
    "chat_rooms": _named(
        "conversationId bookingId customerId therapistId therapistName status bookedAt expiresAt lastSequence watchers",
        "customerReadSequence therapistReadSequence lastRevision blockedByCustomer",
        "blockedByTherapist customerTranslation therapistTranslation translatedCharacters",
    ),
    "chat_changes": _named("conversationId revision sequence"),
    "reports": _named(
        "reportId status bookingId conversationId sequence reporterId reporterRole concernsId concernsRole createdAt",
        "dueAt claimedBy claimedAt resolvedBy resolvedAt action",
    ),
    "chat_messages": _named(
        "conversationId sequence bookingId senderId senderRole receiverId receiverRole messageType timestamp",
        "clientMessageId replyTo editedAt deleted revision hidden translateTo",
    ),
    "commission_records": _named(
        "bookingId chatRoomId therapistId therapistName bookingDate serviceDate confirmedDay bookingAmount source",
        "commissionRate commissionRateBps commissionAmount currency paymentStatus paymentDeadline updatedAt remindedOf",
        "announcedProofId proofAttachmentId proofSubmittedAt paidAt overdueAt waivedAt reversedAt actorId actorRole",
        "paidBy paymentId creditUsed paidAmount creditGiven discountFunded disputedAt disputeOutcome resolvedAt",
        "resolvedAmount",
    ),
    "ledger_entries": _named("therapistId entryId bookingId at day reason lines"),
    "payments": _named(
        "paymentId bookingId therapistId provider amount status createdAt updatedAt expiresAt method currency qrString",
        "providerReference received receivedAmount paidAt unmatchedAmount appliedAmount refundedAmount listedAs",
        "toLookAt lookAt",
    ),
    # A receipt names its customer in the bucket alone, where the law has it kept for ten years.
    "papers": _named("paperKey kind number ownerId issuedAt pdfHash jsonHash month total"),
    "proofs": _named(
        "book number date madeAt entries entriesHash bookings differences previousHash hash signature days"
    ),
    "history": _named("entityId entryId at actor actorRole action fromStatus toStatus beforeHash afterHash entryHash"),
    "notifications": _named("notificationId role kind bookingId conversationId createdAt sound unreadSince"),
    "attachments": _named(
        "attachmentId kind ownerId bookingId conversationId contentType size status createdAt processedAt expiresAt"
    ),
    "claims": _named(
        "requests heldUntil kind claimedAt sequence signedOutAt signedOutUntil used usedAt",
        "nonce expiresAt tries customerId verifiedAt available therapistId latest changedBy token seenAt",
        "masked maskedIn maskedAt",
    ),
    "policies": _named(
        "scope effectiveAt by reason responseWindowSeconds commissionRateBps commissionDueDays cancellation",
        "noShowFeeBps noShowAfterMinutes autoCompleteAfterMinutes startCode redispatch redispatchMaxOffers",
        "redispatchMaxMinutes contactGuard verification requiredDocuments pauseOffersWhenOverdueDays",
        "missedOffersUntilOffline commissionAccount",
    ),
    # Staff and their sign-ins, and those of therapists; customers have neither.
    "staff": _named("userId userIds name email duties createdAt updatedAt active mfaEnabled"),
    "sign_ins": _named("userId email role invitedAt enabled mailedFor"),
    "webhooks": _named(
        "scope webhookId url events secret createdAt updatedAt active failingSince retryAt failures switchedOffAt",
    ),
    "webhook_deliveries": _named(
        "webhookId deliveryId eventId event createdAt updatedAt dueAt giveUpAt bookingId line dueShard status attempts",
        "responseStatus reason",
    ),
    "preferences": _named("userId channels quietHours showsRead showsPresence"),
    "push_subscriptions": _named("subscriptionId createdAt"),
    "deliveries": _named(
        "deliveryId event channel userId template language createdAt dueAt giveUpAt updatedAt bookingId conversationId",
        "notificationId status attempts reason dueShard",
    ),
    "connections": _named("connectionId role language connectedAt openRooms tellsAt isDue"),
    "therapists": _named(
        "therapistId therapistType name whatsApp status language languages timeZone menu openingHours bufferMinutes",
        "bufferBeforeMinutes visitsPerDay beds serviceArea biography email paymentMethods instantConfirm",
        "photoUrl verifiedUntil ratingSum ratingCount papers overdueDebts",
        "suspendedAt suspendedBecause",
        "noticeMinutes horizonDays encryptedBankDetails maskedBankDetails lastSeenAt connections missedOffers",
        "updatedAt actorId actorRole",
    ),
    "documents": _named(
        "documentId therapistId kind number expiresOn status createdAt submittedAt decidedAt decidedBy reason",
        "remindedBefore",
    ),
    "hotels": _named("hotelVillaId name address timeZone latitude longitude"),
    "discount_codes": _named(
        "discountCode kind value maxUses maxUsesPerCustomer used validFrom validUntil fundedBy active"
    ),
    "error_events": _named(
        "eventId at month category severity functionName message code requestId traceId bookingId context"
    ),
    "error_rates": _named("bucketId day count lastDelivery code:unreported"),
    "audit_runs": _named(
        "runKind auditId startedAt finishedAt full scope since until stretch position auditedBookings missing names",
        "wrongAmount orphaned malformed overdueMarked bySource confirmedUntil doubtedAt requestHash",
    ),
}
"""Attributes that name no customer: the books, times, opaque ids, and therapists, who have no part in this."""
IMPERSONAL_PARAMETERS: Final = _named(
    "therapistName actorRole duration price serviceName hotelVillaName discount discountCode start deadline",
    "documentKind bankName accountNumber accountHolder amount number bookingId bookingIds date reason month",
    "url webhookId author rating",
)


def is_known(table: str, attribute: str) -> bool:
    """Say whether it has been decided what erasing does with an attribute."""
    return attribute in _EVERYWHERE or attribute in PERSONAL.get(table, ()) or attribute in NAMES_NOBODY.get(table, ())
