"""Therapists' papers: handed in by them, judged by admins, reminded of before they expire."""

from collections.abc import Callable, Mapping
from copy import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, final

from marketplace.catalogue.document.model import REMINDED_BEFORE, Paper, PaperStatus
from marketplace.catalogue.document.repository import Documents
from marketplace.catalogue.document.requests import NewDocument
from marketplace.catalogue.repository import Catalogue, changing_therapist
from marketplace.catalogue.therapist.model import HeldPaper, Therapist
from marketplace.chat.attachments.model import Attachment, AttachmentKind, AttachmentStatus
from marketplace.chat.attachments.repository import Attachments
from marketplace.identity.allowances import Allowance
from marketplace.notification.announcement import Notice
from marketplace.notification.repository import adding_notice
from marketplace.platform.caller import Caller, Role
from marketplace.platform.dynamodb.actions import Action, TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.market import MARKET_ZONE
from marketplace.platform.refusals import ValidationFailed

if TYPE_CHECKING:  # with it comes what reads pictures
    from marketplace.services.chat.files import Files

_PAGE: Final = 50


@final
class DocumentCommands:
    """The use cases of papers; whoever loses a race decides again on what stands."""

    def __init__(
        self,
        store: Store,
        *,
        documents: Documents,
        catalogue: Catalogue,
        attachments: Callable[[], Attachments],
        files: Callable[[], "Files"],
    ) -> None:
        """Work on these repositories; what judges files is made when one is to be judged."""
        self._store = store
        self._documents = documents
        self._catalogue = catalogue
        self._attachments = attachments
        self._files = files

    def announce(  # noqa: PLR0913 - the paper, its file, by whom, when, and what is counted
        self,
        asked: NewDocument,
        *,
        document_id: str,
        request_hash: str,
        by: Caller,
        now: datetime,
        allowance: Allowance,
    ) -> Attachment:
        """Note a paper that is about to be uploaded; a repeat of the same request finds the same one.

        Raises:
            ValidationFailed: it would have expired already.
            IdempotencyKeyReused, TooManyRequests: as for every file.
        """
        if asked.expires_on < today_at(now):
            raise ValidationFailed.at("expiresOn", "This date is over.")  # noqa: EM101 - a path, no message
        attachment = self._attachments().announce(
            Attachment(
                attachment_id=document_id,
                kind=AttachmentKind.PAPER,
                owner_id=by.user_id,
                booking_id="",
                conversation_id="",
                file_name=asked.file_name,
                content_type=asked.content_type,
                size=asked.size,
                request_hash=request_hash,
                created_at=now,
            ),
            allowance,
        )
        paper = Paper(
            document_id=document_id,
            therapist_id=by.user_id,
            kind=asked.kind,
            number=asked.number,
            expires_on=asked.expires_on.isoformat(),
            status=PaperStatus.ANNOUNCED,
            created_at=attachment.created_at,
        )
        try:
            self._store.transact(
                [Documents.saving(paper, read_version=0), _trail(None, paper, "document_announced", by, now)]
            )
        except TransactionRefused:
            self._documents.get(document_id)  # announced by the same request before
        return attachment

    def submit(self, document_id: str, *, by: Caller, now: datetime) -> Paper:
        """Hand an uploaded paper in, once it is known to be there and readable.

        Raises:
            NotFound: it is not the caller's.
            ValidationFailed: nothing was uploaded, or it is something else than was announced.
            InvalidTransition: it was judged already.
        """

        def attempt() -> Paper | None:
            before = self._documents.get(document_id)
            before.check_belongs_to(by)
            after = before.submit(now)
            if after is before:
                return before
            self._check_uploaded(document_id, now)
            return self._saved(before, after, "document_submitted", by, now)

        return retry_on_conflict(attempt)

    def _check_uploaded(self, document_id: str, now: datetime) -> None:
        # The upload may be processed meanwhile and leave its first place; then what became of it counts.
        for _ in range(2):
            match self._files().settle(self._attachments().get(document_id), now):
                case AttachmentStatus.READY:
                    return
                case AttachmentStatus.REFUSED:
                    raise ValidationFailed.at("", "The uploaded file is not what was announced.")  # noqa: EM101 - a path
                case AttachmentStatus.ANNOUNCED:
                    continue
        raise ValidationFailed.at("", "Nothing has been uploaded yet.")  # noqa: EM101 - a path, no message

    def approve(self, document_id: str, *, by: Caller, now: datetime) -> Paper:
        """Take a paper: from now on it counts for its therapist until it expires.

        Raises:
            NotFound, InvalidTransition: as the model says.
        """
        return self._decide(document_id, PaperStatus.APPROVED, None, by, now)

    def reject(self, document_id: str, *, reason: str, by: Caller, now: datetime) -> Paper:
        """Do not take a paper, or no longer.

        Raises:
            NotFound, InvalidTransition: as the model says.
        """
        return self._decide(document_id, PaperStatus.REJECTED, reason, by, now)

    def _decide(self, document_id: str, status: PaperStatus, reason: str | None, by: Caller, now: datetime) -> Paper:
        def attempt() -> Paper | None:
            before = self._documents.get(document_id)
            after = before.decide(status, by=by, now=now, reason=reason)
            therapist = self._catalogue.therapist(before.therapist_id)
            with_paper = _with_paper(therapist, after)
            beside: list[Action] = [adding_notice(_decision_notice(after), now, after.version)]
            if with_paper is not therapist:
                beside.append(changing_therapist(therapist, with_paper, by=by, now=now))
            return self._saved(before, after, f"document_{status.value}", by, now, beside)

        return retry_on_conflict(attempt)

    def remind(self, now: datetime) -> int:
        """Remind therapists of papers that expire within 30, 7 and 1 days, of each step once; return how many."""
        today, reminded = today_at(now), 0
        start: Mapping[str, Any] | None = None
        while True:
            papers, start = self._documents.find_by_status(
                PaperStatus.APPROVED,
                today,
                limit=_PAGE,
                start=start,
                until=today + timedelta(days=max(REMINDED_BEFORE)),
            )
            for paper in papers:
                reminded += self._is_reminded(paper, today, now)
            if start is None:
                return reminded

    def _is_reminded(self, paper: Paper, today: date, now: datetime) -> bool:
        stage = paper.reminder_due(today)
        if stage is None:
            return False
        after = replace(paper, reminded_before=stage, version=paper.version + 1)
        try:
            self._store.transact(
                [
                    Documents.saving(after, read_version=paper.version),
                    adding_notice(_notice("document_expires", paper, date=paper.expires_on), now, after.version),
                ]
            )
        except TransactionRefused:
            return False  # somebody else reminds, or it has just been rejected
        return True

    def _saved(  # noqa: PLR0913, PLR0917 - the step, and what the audit log says of it
        self,
        before: Paper,
        after: Paper,
        action: str,
        by: Caller,
        now: datetime,
        beside: list[Action] | None = None,
    ) -> Paper | None:
        try:
            self._store.transact(
                [
                    Documents.saving(after, read_version=before.version),
                    _trail(before, after, action, by, now),
                    *(beside or []),
                ]
            )
        except TransactionRefused:
            return None
        return after


def today_at(now: datetime) -> date:
    """Return the marketplace's date: papers expire by the calendar of Jakarta."""
    return now.astimezone(MARKET_ZONE).date()


def _with_paper(therapist: Therapist, paper: Paper) -> Therapist:
    """Return the therapist with a decided paper among those that count, or without it; the latest of a kind counts."""
    held = dict(therapist.papers)
    present = held.get(paper.kind.value)
    if paper.status is PaperStatus.APPROVED and (present is None or present.expires_on < paper.expires_on):
        held[paper.kind.value] = HeldPaper(document_id=paper.document_id, expires_on=paper.expires_on)
    elif paper.status is PaperStatus.REJECTED and present is not None and present.document_id == paper.document_id:
        del held[paper.kind.value]
    else:
        return therapist
    until = min((each.expires_on for each in held.values()), default=None)
    return replace(therapist, papers=held, verified_until=until)


def _decision_notice(paper: Paper) -> Notice:
    if paper.status is PaperStatus.APPROVED:
        return _notice("document_approved", paper, date=paper.expires_on)
    return _notice("document_rejected", paper, reason=paper.reason or "")


def _notice(kind: str, paper: Paper, **parameters: str) -> Notice:
    return Notice(
        user_id=paper.therapist_id,
        role=Role.THERAPIST,
        kind=kind,
        parameters={"documentKind": paper.kind.value, **parameters},
    )


def _trail(before: Paper | None, after: Paper, action: str, by: Caller, now: datetime) -> Action:
    """Return the line of the audit log; numbers of papers stay out of it."""

    def told(paper: Paper) -> dict[str, object]:
        return {"documentId": paper.document_id, "status": paper.status.value, "expiresOn": paper.expires_on}

    return record_change(
        after.therapist_id,
        action=action,
        before=None if before is None else told(before),
        after=told(after),
        by=by,
        now=now,
        version=after.version,
        reason=after.reason,
    )
