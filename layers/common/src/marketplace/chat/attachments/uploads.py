"""The bucket of shared files: forms to upload with, links to fetch with, and the bytes between the two."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, final
from urllib.parse import quote

from botocore.exceptions import ClientError
from msgspec import Struct

from marketplace.chat.attachments.model import Attachment
from marketplace.chat.attachments.responses import UploadForm
from marketplace.platform.resilience import Dependency, error_code

FORM_GOOD_FOR: Final = timedelta(minutes=10)
LINK_GOOD_FOR: Final = timedelta(minutes=10)
_GONE: Final = frozenset({"404", "NoSuchKey", "NoSuchVersion", "NotFound"})


@final
class Uploads(Struct, frozen=True):
    """One bucket."""

    s3: Dependency
    bucket: str

    def form(self, attachment: Attachment) -> UploadForm:
        """Return the form that takes the announced file: that type, exactly that size, that place."""
        bound = {"Content-Type": attachment.content_type}
        form: Any = self.s3.call(
            "generate_presigned_post",
            Bucket=self.bucket,
            Key=attachment.incoming_key,
            Fields=bound,
            Conditions=[bound, ["content-length-range", attachment.size, attachment.size]],
            ExpiresIn=int(FORM_GOOD_FOR.total_seconds()),
        )
        return {"url": form["url"], "fields": form["fields"]}

    def link(self, attachment: Attachment) -> str:
        """Return a link to the processed file; pictures open in place, documents are saved."""
        disposition = "inline" if attachment.is_image else "attachment"
        file_name = quote(attachment.handed_out_as, safe="")
        link: object = self.s3.call(
            "generate_presigned_url",
            ClientMethod="get_object",
            Params={
                "Bucket": self.bucket,
                "Key": attachment.key,
                "ResponseContentType": attachment.content_type,
                "ResponseContentDisposition": f"{disposition}; filename*=UTF-8''{file_name}",
                "ResponseCacheControl": "private, no-store",
            },
            ExpiresIn=int(LINK_GOOD_FOR.total_seconds()),
        )
        return str(link)

    def holds(self, key: str) -> bool:
        """Say whether there is something under a key."""
        return self.find_size(key) is not None

    def find_size(self, key: str) -> int | None:
        """Return the size in bytes of what is under a key, if there is anything."""
        try:
            answer: Any = self.s3.call("head_object", Bucket=self.bucket, Key=key)
        except ClientError as error:
            if _is_gone(error):
                return None
            raise
        return int(answer["ContentLength"])

    def find(self, key: str, *, at_most: int) -> bytes | None:
        """Return what is under a key, cut after ``at_most`` + 1 bytes, or nothing where there is nothing."""
        try:
            answer: Any = self.s3.call("get_object", Bucket=self.bucket, Key=key)
        except ClientError as error:
            if _is_gone(error):
                return None
            raise
        return bytes(answer["Body"].read(at_most + 1))

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Put a file under a key."""
        self.s3.call("put_object", Bucket=self.bucket, Key=key, Body=content, ContentType=content_type)

    def remove(self, key: str, version: str | None = None) -> None:
        """Remove what is under a key; with its version it is gone for good, as if it had never been."""
        which = {"VersionId": version} if version else {}
        self.s3.call("delete_object", Bucket=self.bucket, Key=key, **which)


def _is_gone(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return error_code(error) in _GONE or status == HTTPStatus.NOT_FOUND
