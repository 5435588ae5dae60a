"""An upload has arrived: judge what it really is, take out what pictures tell of their place, and make it fetchable.

Nobody can fetch anything under ``incoming/``. A picture is made anew from its pixels, so that position,
camera and whatever was hidden in the file stay behind; then it is put where links point to. What is not
what was announced is removed. Events may come twice: the second finds the file settled.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from marketplace import bootstrap
from marketplace.chat.attachments.model import AttachmentStatus
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import NotFound
from marketplace.platform.runtime.observability import Category, count, logger

INCOMING: Final = "incoming/"


@triggered(Category.CHAT)
def lambda_handler(event: Event) -> dict[str, Any]:
    """Judge each upload that S3 tells of."""
    for record in event["Records"]:
        stored = record["s3"]["object"]
        _process(unquote_plus(str(stored["key"])), _version(stored))
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
