"""Photos of therapists on a laptop: the web client serves them out of the emulator's bucket."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import ClientError

from tools.local.deployment import STACK_NAME
from tools.local.emulator import Emulator

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def bucket_client(emulator: Emulator) -> "S3Client":
    """Return a client of the emulator's buckets."""
    return emulator.session().client("s3", endpoint_url=emulator.url, config=Config(s3={"addressing_style": "path"}))


def bucket_of(emulator: Emulator) -> str:
    """Return the bucket in which photos lie beside the web client."""
    account = emulator.session().client("sts", endpoint_url=emulator.url).get_caller_identity()["Account"]
    return f"{STACK_NAME}-web-{account}"


def photos_of(emulator: Emulator) -> Callable[[str], bytes | None]:
    """Return what finds a photo by its name, such as ``photos/4f2….jpg``; nothing where there is none."""
    s3, bucket = bucket_client(emulator), bucket_of(emulator)

    def find(name: str) -> bytes | None:
        try:
            return s3.get_object(Bucket=bucket, Key=name)["Body"].read()
        except ClientError:
            return None

    return find
