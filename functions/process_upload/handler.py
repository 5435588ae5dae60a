"""An upload has arrived: judge what it really is, take out what pictures tell of their place, and make it fetchable.

Nobody can fetch anything under ``incoming/``. A picture is made anew from its pixels, so that position,
camera and whatever was hidden in the file stay behind; then it is put where links point to. What is not
what was announced is removed. Events may come twice: the second finds the file settled.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final
from urllib.parse import unquote_plus

from PIL import Image, ImageOps

from marketplace import bootstrap
from marketplace.chat.attachment import Attachment, AttachmentStatus, real_type
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, begin_invocation, count, finish_invocation, logger
from marketplace.platform.refusals import NotFound
from marketplace.platform.resilience import keep_invocation_deadline
from marketplace.platform.settings import settings

CATEGORY: Final = Category.CHAT
INCOMING: Final = "incoming/"
MOST_PIXELS: Final = 40_000_000
"""A larger picture would not fit into the function's memory; cameras of telephones stay below."""
MOST_FRAMES: Final = 100
QUALITY: Final = 90
_FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_END_OF_DOCUMENT: Final = 1024
"""Bytes at the end of a PDF in which its end mark must stand (ISO 32000-1, annex H, note 18)."""


class UnfitFileError(Exception):
    """The file is not what was announced, or cannot be read."""


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
    status = attachment.status
    if status is AttachmentStatus.ANNOUNCED:
        content = uploads.find(key, at_most=attachment.size)
        if content is None:
            return
        status = _settled(attachment, content)
    uploads.remove(key, version)
    count("UploadsReady" if status is AttachmentStatus.READY else "UploadsRefused")
    logger().info("upload processed", extra={"status": status.value})


def _settled(attachment: Attachment, content: bytes) -> AttachmentStatus:
    """Make the file fetchable, or refuse it."""
    try:
        clean = clean_copy(attachment, content)
    except UnfitFileError:
        status = AttachmentStatus.REFUSED
    else:
        status = AttachmentStatus.READY
        bootstrap.uploads().put(attachment.key, clean, attachment.content_type)
    judged = attachment.processed(status, utc_now(), kept_for=settings().media_retention)
    bootstrap.attachments().settle(judged)
    return status


def clean_copy(attachment: Attachment, content: bytes) -> bytes:
    """Return what people may fetch of an upload.

    Raises:
        UnfitFileError: it is not of the announced size or type, or broken.
    """
    if len(content) != attachment.size or real_type(content) != attachment.content_type:
        raise UnfitFileError
    if not attachment.is_image:
        if b"%%EOF" not in content[-_END_OF_DOCUMENT:]:
            raise UnfitFileError
        return content
    try:
        return _redrawn(content, _FORMATS[attachment.content_type])
    except Exception as error:  # a broken file makes Pillow raise almost anything
        raise UnfitFileError from error


def _redrawn(content: bytes, image_format: str) -> bytes:
    """Draw a picture anew, upright, with its colours and without everything else that the file held."""
    with Image.open(BytesIO(content), formats=[image_format]) as picture:
        frames = getattr(picture, "n_frames", 1)
        if picture.width * picture.height * frames > MOST_PIXELS or frames > MOST_FRAMES:
            raise UnfitFileError
        colours = {"icc_profile": profile} if (profile := picture.info.get("icc_profile")) else {}
        moving = frames > 1 and image_format != "JPEG"
        drawn = BytesIO()
        if moving:
            _bare(picture).save(
                drawn,
                image_format,
                save_all=True,
                append_images=[_frame(picture, number) for number in range(1, frames)],
                duration=picture.info.get("duration", 100),
                loop=picture.info.get("loop", 0),
                **colours,
            )
        else:
            _bare(ImageOps.exif_transpose(picture)).save(drawn, image_format, quality=QUALITY, **colours)
    return drawn.getvalue()


def _frame(picture: Image.Image, number: int) -> Image.Image:
    picture.seek(number)
    return _bare(picture)


def _bare(picture: Image.Image) -> Image.Image:
    """Return the pixels alone: a copy that knows nothing of the file."""
    copy = picture.copy()
    transparency = copy.info.get("transparency")
    copy.info = {} if transparency is None else {"transparency": transparency}
    copy.getexif().clear()
    return copy


def _version(stored: Mapping[str, Any]) -> str | None:
    version = stored.get("versionId")
    return str(version) if version else None
