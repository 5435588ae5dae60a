"""Translating messages for those who asked for it: after a message is durable, once, within the room's budget."""

from collections.abc import Callable
from typing import final

from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.chat.repository import Rooms
from marketplace.chat.rows import adding_translations, spending_on_translation, translating_for
from marketplace.chat.translation import Translator
from marketplace.platform.caller import SYSTEM, Caller, Role
from marketplace.platform.dynamodb.actions import ConditionRefused
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound
from marketplace.platform.runtime.observability import count
from marketplace.services.notification.delivery import Delivery, best_effort

_EVERYBODY = Caller(user_id=SYSTEM.user_id, role=Role.ADMIN)


@final
class Translations:
    """Gives messages their translations."""

    def __init__(
        self,
        store: Store,
        rooms: Rooms,
        translator: Callable[[], Translator],
        delivery: Callable[[], Delivery],
        *,
        characters_per_room: int,
    ) -> None:
        """Write to ``store`` what ``translator`` says, and tell the room over ``delivery``.

        A room may have ``characters_per_room`` characters translated in all; nothing of it is given back.
        """
        self._store = store
        self._rooms = rooms
        self._translator = translator
        self._delivery = delivery
        self._characters_per_room = characters_per_room

    def choose(self, conversation_id: str, *, enabled: bool, by: Caller) -> Room:
        """Have others' later messages translated into the language that the caller reads, or no longer.

        Raises:
            NotFound: no such room for this caller, or it has passed to somebody else meanwhile.
        """
        room, _, role = self._rooms.load(conversation_id, by)
        language = by.language.value if enabled else None
        if room.translation_for(role) != language:
            try:
                self._store.write(translating_for(room, role, language))
            except ConditionRefused:
                raise NotFound from None
        return room.translated_for(role, language)

    def add(self, message: Message) -> bool:
        """Translate a message into what is asked for and missing; say whether there is something new to read.

        A message that was changed meanwhile comes again by its change.

        Raises:
            NotFound: its room is gone.
            ServiceUnavailable: the provider or the store does not answer.
        """
        missing = [language for language in message.translate_to if language not in message.translations]
        if not missing or message.deleted or message.hidden or not message.message:
            return False
        try:
            self._store.write(
                spending_on_translation(
                    message.conversation_id, len(message.message) * len(missing), self._characters_per_room
                )
            )
        except ConditionRefused:
            count("TranslationsOverBudget")
            return False
        translated = {language: self._translator().translate(message.message, language) for language in missing}
        found = {language: text for language, text in translated.items() if text is not None}
        if not found:
            return False
        try:
            self._store.write(adding_translations(message, {**message.translations, **found}))
        except ConditionRefused:
            return False
        count("MessagesTranslated")
        room, booking, _ = self._rooms.load(message.conversation_id, _EVERYBODY)
        shown = message.translated(found)
        best_effort(lambda: self._delivery().translation(shown, room, booking))
        return True
