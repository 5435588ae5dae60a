"""Wiring of rooms: their messages, files, reports and lists."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from marketplace import bootstrap
from marketplace.platform.resilience import Dependency
from marketplace.platform.settings import settings

if TYPE_CHECKING:
    from marketplace.chat.attachments.repository import Attachments
    from marketplace.chat.attachments.uploads import Uploads
    from marketplace.chat.lists import RoomLists
    from marketplace.chat.repository import Rooms
    from marketplace.chat.translation import AmazonTranslate
    from marketplace.moderation.masked import MaskedMessages
    from marketplace.moderation.repository import Reports
    from marketplace.services.chat.chat_windows import ChatWindows
    from marketplace.services.chat.files import Files
    from marketplace.services.chat.moderation import Moderation
    from marketplace.services.chat.room_presence import RoomPresence
    from marketplace.services.chat.rooms import RoomCommands
    from marketplace.services.chat.shared_visits import SharedVisits
    from marketplace.services.chat.translations import Translations


@cache
def rooms() -> Rooms:
    """Return the rooms."""
    from marketplace.chat.repository import Rooms

    return Rooms(bootstrap.store(), settings().chat_retention)


@cache
def room_commands() -> RoomCommands:
    """Return the commands in rooms."""
    from marketplace.services.chat.rooms import RoomCommands

    return RoomCommands(
        bootstrap.store(),
        rooms=bootstrap.rooms(),
        policies=bootstrap.policies(),
        attachments=bootstrap.attachments,
        uploads=bootstrap.uploads,
        delivery=bootstrap.delivery,
    )


@cache
def reports() -> Reports:
    """Return what people have reported."""
    from marketplace.moderation.repository import Reports

    return Reports(bootstrap.store())


@cache
def moderation() -> Moderation:
    """Return the use cases of safety."""
    from marketplace.services.chat.moderation import Moderation

    return Moderation(
        bootstrap.store(),
        rooms=bootstrap.rooms(),
        reports=bootstrap.reports(),
        therapists=bootstrap.therapist_commands,
        delivery=bootstrap.delivery,
    )


@cache
def room_presence() -> RoomPresence:
    """Return who of a room's parties is here."""
    from marketplace.services.chat.room_presence import RoomPresence

    return RoomPresence(bootstrap.store(), bootstrap.connections(), bootstrap.rooms(), bootstrap.delivery)


@cache
def translations() -> Translations:
    """Return what gives messages their translations."""
    from marketplace.chat.translation import translation_settings
    from marketplace.services.chat.translations import Translations

    return Translations(
        bootstrap.store(),
        bootstrap.rooms(),
        bootstrap.translator,
        bootstrap.delivery,
        characters_per_room=translation_settings().characters_per_room,
    )


@cache
def translator() -> AmazonTranslate:
    """Return the machine that translates messages."""
    from marketplace.chat.translation import AmazonTranslate, translation_settings

    api_url = translation_settings().api_url or None
    return AmazonTranslate(Dependency("translate", bootstrap.client("translate", api_url)))


@cache
def shared_visits() -> SharedVisits:
    """Return the links by which friends follow visits."""
    from marketplace.services.chat.shared_visits import SharedVisits

    return SharedVisits(bootstrap.store(), bootstrap.rooms(), bootstrap.bookings(), bootstrap.seal)


@cache
def masked_messages() -> MaskedMessages:
    """Return how often people have tried to hand over contact details."""
    from marketplace.moderation.masked import MaskedMessages

    return MaskedMessages(bootstrap.store())


@cache
def chat_windows() -> ChatWindows:
    """Return the follower of chat windows."""
    from marketplace.services.chat.chat_windows import ChatWindows

    return ChatWindows(bootstrap.store(), bootstrap.rooms(), bootstrap.connections())


@cache
def attachments() -> Attachments:
    """Return what is known of shared files."""
    from marketplace.chat.attachments.repository import Attachments

    return Attachments(bootstrap.store())


@cache
def files() -> Files:
    """Return what judges uploads; only where the layer of images is."""
    from marketplace.services.chat.files import Files

    return Files(bootstrap.attachments(), bootstrap.uploads(), settings().media_retention, bootstrap.photos)


@cache
def uploads() -> Uploads:
    """Return the bucket of shared files."""
    from marketplace.chat.attachments.uploads import Uploads

    return Uploads(Dependency("s3", bootstrap.file_client()), settings().uploads_bucket)


@cache
def room_lists() -> RoomLists:
    """Return rooms in lists."""
    from marketplace.chat.lists import RoomLists

    return RoomLists(bootstrap.rooms())
