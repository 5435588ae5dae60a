"""Rows of rooms and messages: their keys, and the actions that write them."""

from collections.abc import Mapping
from copy import replace
from typing import Final

from marketplace.booking.lists import FIRST_MONTH
from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.platform.caller import Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, Put, Update, absent
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import to_record

EPOCH_KEY: Final = ("claims", {"claimKey": "epoch", "claimId": "chat"})


def room_key(conversation_id: str) -> tuple[str, dict[str, str]]:
    """Return where a room is: ``chat_rooms``, ``{"conversationId": "r-4w2…"}``."""
    return "chat_rooms", {"conversationId": conversation_id}


def adding_room(room: Room) -> Put:
    """Return the action that writes a room for the first time."""
    return Put(label="room", table="chat_rooms", item=room_record(room), condition=absent("conversationId"))


def message_key(conversation_id: str, sequence: int) -> tuple[str, dict[str, str | int]]:
    """Return where a message is: ``chat_messages``, ``{"conversationId": "r-4w2…", "sequence": 17}``."""
    return "chat_messages", {"conversationId": conversation_id, "sequence": sequence}


def revising_room(before: Room, after: Room) -> Update:
    """Return the action that counts a change of a message, if no message came and none was changed in between."""
    saving = saving_room(before, after)
    revision = Condition(expression="#lastRevision = :readRevision", values={"readRevision": before.last_revision})
    if before.last_revision == 0:  # rooms of an older release have none
        revision |= Condition(expression="attribute_not_exists(#lastRevision)")
    return replace(saving, condition=saving.condition & revision)


def changing_message(before: Message, after: Message) -> Update:
    """Return the action that writes a changed message, if nobody changed it since it was read."""
    old, new = to_record(before), to_record(after)
    table, key = message_key(before.conversation_id, before.sequence)
    return Update(
        label="message",
        table=table,
        key=key,
        condition=Condition(expression="#message = :readMessage", values={"readMessage": before.message}),
        assign={name: value for name, value in new.items() if old[name] != value},
    )


def setting_epoch(epoch: str) -> Put:
    """Return the action that gives restored tables an epoch of their own."""
    table, key = EPOCH_KEY
    return Put(
        label="epoch",
        table=table,
        item={**key, "epoch": epoch},
        condition=Condition(expression="attribute_not_exists(#claimKey) OR #epoch <> :epoch", values={"epoch": epoch}),
    )


def saving_room(before: Room, after: Room) -> Update:
    """Return the action that takes a room from one state to the next, if nothing moved in between."""
    return Update(
        label="room",
        table="chat_rooms",
        key={"conversationId": before.conversation_id},
        condition=Condition(expression="#lastSequence = :readSequence", values={"readSequence": before.last_sequence}),
        assign=changes(before, after),
    )


def blocking_room(room: Room, role: Role, *, blocked: bool) -> Update:
    """Return the action by which a party of a room blocks the other in it, or no longer does."""
    name = "blockedByCustomer" if role is Role.CUSTOMER else "blockedByTherapist"
    return Update(
        label="room",
        table="chat_rooms",
        key={"conversationId": room.conversation_id},
        condition=Condition(expression="#therapistId = :therapist", values={"therapist": room.therapist_id}),
        assign={name: blocked},
    )


def translating_for(room: Room, role: Role, language: str | None) -> Update:
    """Return the action by which a party has others' messages translated into a language, or no longer has."""
    name = "customerTranslation" if role is Role.CUSTOMER else "therapistTranslation"
    owner = "customerId" if role is Role.CUSTOMER else "therapistId"
    party = room.customer_id if role is Role.CUSTOMER else room.therapist_id
    return Update(
        label="translation",
        table="chat_rooms",
        key={"conversationId": room.conversation_id},
        condition=Condition(expression=f"#{owner} = :owner", values={"owner": party}),
        assign={name: language},
    )


def spending_on_translation(conversation_id: str, characters: int, budget: int) -> Update:
    """Return the action that takes so many characters from a room's budget for translations, if they are left."""
    left = Condition(expression="#translatedCharacters <= :most", values={"most": budget - characters})
    none_yet = Condition(expression="attribute_not_exists(#translatedCharacters)")
    exists = Condition(expression="attribute_exists(#conversationId)")
    return Update(
        label="budget",
        table="chat_rooms",
        key={"conversationId": conversation_id},
        condition=exists & (left | none_yet),
        add={"translatedCharacters": characters},
    )


def adding_translations(message: Message, translations: Mapping[str, str]) -> Update:
    """Return the action that keeps translations of a message's present text."""
    table, key = message_key(message.conversation_id, message.sequence)
    return Update(
        label="translations",
        table=table,
        key=key,
        condition=Condition(
            expression="#message = :readMessage AND #revision = :readRevision",
            values={"readMessage": message.message, "readRevision": message.revision},
        ),
        assign={"translations": dict(translations)},
    )


def room_record(room: Room) -> Item:
    """Return a room as it is stored, with the key of the index of all rooms."""
    record = to_record(room)
    if not room.watchers:
        del record["watchers"]
    return {**record, "createdMonth": max(format_utc(room.booked_at)[:7], FIRST_MONTH)}


def changes(before: Room, after: Room) -> dict[str, object]:
    """Return the attributes that differ between two states of a room."""
    old, new = to_record(replace(before, watchers=frozenset())), to_record(replace(after, watchers=frozenset()))
    return {name: value for name, value in new.items() if old[name] != value}


def message_claim(conversation_id: str, sender_id: str, client_message_id: str) -> tuple[str, dict[str, str]]:
    """Return where the claim is that makes a message of a sender one: ``message#r-4w2…#t-ayu`` / ``m-17``."""
    return "claims", {"claimKey": f"message#{conversation_id}#{sender_id}", "claimId": client_message_id}


def joining_key(conversation_id: str, user_id: str) -> tuple[str, dict[str, str]]:
    """Return where it stands that a room has told of a member of staff: ``joined#r-4w2…`` / ``a-made``."""
    return "claims", {"claimKey": f"joined#{conversation_id}", "claimId": user_id}
