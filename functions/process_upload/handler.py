"""An upload has arrived: judge what it really is, take out what pictures tell of their place, and make it fetchable.

Nobody can fetch anything under ``incoming/``. A picture is made anew from its pixels, so that position,
camera and whatever was hidden in the file stay behind; then it is put where links point to. What is not
what was announced is removed. Events may come twice: the second finds the file settled.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from marketplace import bootstrap
from marketplace.chat.attachment import AttachmentStatus
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, begin_invocation, count, finish_invocation, logger
from marketplace.platform.refusals import NotFound
from marketplace.platform.resilience import keep_invocation_deadline

CATEGORY: Final = Category.CHAT
INCOMING: Final = "incoming/"


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Judge each upload that S3 tells of."""
    keep_invocation_deadline(context.get_remaining_time_in_millis())
    begin_invocation(context.aws_request_id)
    try:
        for record in event["Records"]:
            stored = record["s3"]["object"]
            _process(unquote_plus(str(stored["key"])), _version(stored))
    finally:
        finish_invocation()
    return {"processed": len(event["Records"])}


def _process(key: str, version: str | None) -> None:
    attachments, uploads = bootstrap.attachments(), bootstrap.uploads()
    try:
        attachment = attachments.get(key.removeprefix(INCOMING))
    except NotFound:
        uploads.remove(key, version)
        return
    logger().append_keys(attachment_id=attachment.attachment_id)
    status = bootstrap.files().settle(attachment, utc_now())
    if status is AttachmentStatus.ANNOUNCED:
        return
    uploads.remove(key, version)
    count("UploadsReady" if status is AttachmentStatus.READY else "UploadsRefused")
    logger().info("upload processed", extra={"status": status.value})


def _version(stored: Mapping[str, Any]) -> str | None:
    version = stored.get("versionId")
    return str(version) if version else None
