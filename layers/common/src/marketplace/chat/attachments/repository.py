"""What is known of shared files; the bytes are in the uploads bucket."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, final

from marketplace.chat.attachments.model import Attachment, AttachmentStatus
from marketplace.identity.allowances import Allowance
from marketplace.platform.dynamodb.actions import (
    Condition,
    ConditionRefused,
    Delete,
    Put,
    TransactionRefused,
    Update,
    absent,
    present,
)
from marketplace.platform.dynamodb.records import from_record, to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import IdempotencyKeyReused, NotFound

ANNOUNCED_FOR: Final = timedelta(days=2)
"""How long an announcement waits for its upload; an idempotency key is remembered for a day at least."""


@final
class Attachments:
    """The shared files of every room, and the proofs of payment."""

    def __init__(self, store: Store) -> None:
        """Keep what is known of files in ``store``."""
        self._store = store

    def get(self, attachment_id: str) -> Attachment:
        """Return a file by its id, read strongly.

        Raises:
            NotFound: there is none.
        """
        item = self._store.get("attachments", {"attachmentId": attachment_id})
        if item is None:
            raise NotFound
        return from_record(Attachment, item)

    def find_by_owner(self, owner_id: str) -> list[Attachment]:
        """Return every file that somebody announced, whatever became of it and whether or not a message cites it."""
        where = Condition(expression="#ownerId = :owner", values={"owner": owner_id})
        ids = [item["attachmentId"] for item in self._store.query_all("attachments", where=where, index="byOwner")]
        items = self._store.batch_get([("attachments", {"attachmentId": str(each)}) for each in ids]) if ids else []
        return [from_record(Attachment, item) for item in items if item is not None]

    def announce(self, attachment: Attachment, allowance: Allowance) -> Attachment:
        """Note a file that is about to be uploaded, taking one of an allowance, and return it as it stands now.

        Raises:
            IdempotencyKeyReused: the id is taken by an announcement with another body.
            TooManyRequests: nothing is left of the allowance.
        """
        record = {
            **to_record(attachment),
            "expiresAtEpoch": int((attachment.created_at + ANNOUNCED_FOR).timestamp()),
        }
        noting = Put(label="attachment", table="attachments", item=record, condition=absent("attachmentId"))
        try:
            self._store.transact([noting, allowance.taking])
        except TransactionRefused as lost:
            if noting.label not in lost.refused:
                raise allowance.refusal() from None
            found = from_record(Attachment, lost.refused[noting.label] or {})
            if found.request_hash != attachment.request_hash:
                raise IdempotencyKeyReused from None
            return found
        return attachment

    def remove(self, attachment_id: str) -> None:
        """Forget a file."""
        try:
            self._store.write(
                Delete(
                    label="attachment",
                    table="attachments",
                    key={"attachmentId": attachment_id},
                    condition=present("attachmentId"),
                )
            )
        except ConditionRefused:
            return

    def settle(self, attachment: Attachment) -> bool:
        """Note how an announced file was judged, once; say whether it was this judgement that counted."""
        try:
            self._store.write(
                Update(
                    label="attachment",
                    table="attachments",
                    key={"attachmentId": attachment.attachment_id},
                    condition=Condition(
                        expression="#status = :announced", values={"announced": AttachmentStatus.ANNOUNCED.value}
                    ),
                    assign={
                        name: value
                        for name, value in to_record(attachment).items()
                        if name in {"status", "processedAt", "expiresAt"} and value is not None
                    },
                    remove=["expiresAtEpoch"],
                )
            )
        except ConditionRefused:
            return False
        return True

    def may_be_cited(
        self, attachment_id: str, *, check: Callable[[Attachment], None], is_uploaded: Callable[[Attachment], bool]
    ) -> bool:
        """Say whether a message may cite a file: ``check`` lets it, and it has been uploaded.

        An upload that has just been processed has left its first place, so it is looked for once more.
        """
        for _ in range(2):
            try:
                attachment = self.get(attachment_id)
            except NotFound:
                return False
            check(attachment)
            if attachment.status is AttachmentStatus.READY or is_uploaded(attachment):
                return True
        return False
