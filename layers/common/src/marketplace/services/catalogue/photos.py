"""Photos of therapists: drawn anew, square and small, and put where everybody gets them, named by their content."""

import hashlib
from collections.abc import Callable
from copy import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, final

from marketplace.catalogue.repository import Catalogue
from marketplace.catalogue.therapist.model import Therapist
from marketplace.chat.attachments.clean_copies import square_photo
from marketplace.platform.caller import Caller, Role

if TYPE_CHECKING:
    from marketplace.platform.resilience import Dependency

FOLDER: Final = "photos/"
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@final
class Photos:
    """The public photos; what is at an address never changes."""

    def __init__(self, s3: "Dependency", catalogue: Callable[[], Catalogue], *, bucket: str, url: str) -> None:
        """Put photos into ``bucket``, which is served under ``url``; therapists are known to the ``catalogue``."""
        self._s3 = s3
        self._catalogue = catalogue
        self._bucket = bucket
        self._url = url

    def publish(self, therapist_id: str, content: bytes, now: datetime) -> str:
        """Make an upload the photo of a therapist, and return its address; twice is the same as once.

        Raises:
            UnfitFileError: it cannot be read.
            NotFound: there is no such therapist.
        """
        photo = square_photo(content)
        name = f"{FOLDER}{hashlib.sha256(photo).hexdigest()[:40]}.jpg"
        self._s3.call(
            "put_object",
            Bucket=self._bucket,
            Key=name,
            Body=photo,
            ContentType="image/jpeg",
            CacheControl=_FOR_EVER,
        )
        address = f"{self._url}/{name}"

        def with_photo(therapist: Therapist) -> Therapist:
            return therapist if therapist.photo_url == address else replace(therapist, photo_url=address)

        by = Caller(user_id=therapist_id, role=Role.THERAPIST)
        self._catalogue().change_therapist(therapist_id, with_photo, by=by, now=now)
        return address
