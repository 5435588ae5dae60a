"""Photos of therapists on a laptop: the web client serves them out of the emulator's bucket."""

from collections.abc import Callable

from botocore.config import Config
from botocore.exceptions import ClientError

from tools.local.deployment import STACK_NAME
from tools.local.emulator import Emulator


def photos_of(emulator: Emulator) -> Callable[[str], bytes | None]:
    """Return what finds a photo by its name, such as ``photos/4f2….jpg``; nothing where there is none."""
    session = emulator.session()
    s3 = session.client("s3", endpoint_url=emulator.url, config=Config(s3={"addressing_style": "path"}))
    account = session.client("sts", endpoint_url=emulator.url).get_caller_identity()["Account"]

    def find(name: str) -> bytes | None:
        try:
            return s3.get_object(Bucket=f"{STACK_NAME}-web-{account}", Key=name)["Body"].read()
        except ClientError:
            return None

    return find
