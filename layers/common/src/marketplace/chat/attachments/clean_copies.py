"""What people may fetch of an upload: a document as it is, a picture drawn anew from its pixels.

So position, camera and whatever else was hidden in the file stay behind. Taken is what cameras and banking apps really
write: previews beside the picture (MPF), more pixels than a screen has, colours of another space than sRGB, frames that
last differently long, documents padded with NULs. Needs the layer of images.
"""

import warnings
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile

from marketplace.chat.attachments.model import Attachment, real_type

MOST_PIXELS: Final = 40_000_000
"""Of a picture, or of all frames of a moving one: more would not fit into the function's memory."""
MOST_SENSOR_PIXELS: Final = 110_000_000
"""Of a JPEG, which can be read at half its size or less, and so is made to fit."""
MOST_FRAMES: Final = 300
QUALITY: Final = 90
PHOTO_SIDE: Final = 512
"""Pixels of a photo at most, each way."""
_FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_END_OF_DOCUMENT: Final = 1024
"""Bytes at the end of a PDF in which its end mark must stand (ISO 32000-1, annex H, note 18)."""
_PADDING: Final = b"\0\t\n\f\r "
_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by the orientation that its camera noted (Exif 3.0, table 4)."""

Image.MAX_IMAGE_PIXELS = None  # judged here, before anything is read


class UnfitFileError(Exception):
    """The file is not what was announced, or cannot be read."""


def clean_copy(attachment: Attachment, content: bytes) -> bytes:
    """Return what people may fetch of an upload.

    Raises:
        UnfitFileError: it is not of the announced size or type, or broken.
    """
    if len(content) != attachment.size or real_type(content) != attachment.content_type:
        raise UnfitFileError
    if not attachment.is_image:
        if b"%%EOF" not in content.rstrip(_PADDING)[-_END_OF_DOCUMENT:]:
            raise UnfitFileError
        return content
    try:
        with warnings.catch_warnings(action="ignore"):  # of what is odd about a file, and harms nobody
            return _redrawn(content, _FORMATS[attachment.content_type])
    except Exception as error:  # a broken file makes Pillow raise almost anything
        raise UnfitFileError from error


def square_photo(content: bytes) -> bytes:
    """Return the middle of a picture as a square JPEG of at most 512 pixels, drawn anew; ``content`` is a clean copy.

    Raises:
        UnfitFileError: it cannot be read.
    """
    try:
        with Image.open(BytesIO(content), formats=sorted(_FORMATS.values())) as picture:
            picture.seek(0)
            seen = picture.convert("RGBA") if picture.has_transparency_data else picture.convert("RGB")
            side = min(seen.size)
            left, top = (seen.width - side) // 2, (seen.height - side) // 2
            middle = seen.crop((left, top, left + side, top + side))
            size = min(side, PHOTO_SIDE)
            middle = middle.resize((size, size), Image.Resampling.LANCZOS)
            if middle.mode == "RGBA":
                ground = Image.new("RGB", middle.size, "white")
                ground.paste(middle, mask=middle.getchannel("A"))
                middle = ground
            drawn = BytesIO()
            middle.save(drawn, "JPEG", quality=QUALITY)
    except Exception as error:  # a broken file makes Pillow raise almost anything
        raise UnfitFileError from error
    return drawn.getvalue()


def _redrawn(content: bytes, image_format: str) -> bytes:
    """Draw a picture anew, upright, in the colours of sRGB and without everything else that the file held."""
    drawn = BytesIO()
    with _opened(content, image_format) as picture:
        frames = getattr(picture, "n_frames", 1)
        if frames > 1:
            _save_moving(picture, frames, image_format, drawn)
        else:
            _shrink(picture, image_format)
            _upright(_in_srgb(picture), _orientation(picture)).save(drawn, image_format, quality=QUALITY)
    return drawn.getvalue()


def _opened(content: bytes, image_format: str) -> Image.Image:
    """Return a picture whose pixels have not been read yet.

    What a JPEG holds beside its first picture are previews of it, or its depth: nobody sees them, so it is not opened
    as a file of several pictures (MPO).
    """
    file = BytesIO(content)
    return JpegImageFile(file) if image_format == "JPEG" else Image.open(file, formats=[image_format])


def _shrink(picture: Image.Image, image_format: str) -> None:
    """Let a JPEG be read at such a part of its size that its pixels fit; refuse what does not fit.

    Raises:
        UnfitFileError: it has more pixels than there is room for.
    """
    pixels = picture.width * picture.height
    if image_format == "JPEG" and MOST_PIXELS < pixels <= MOST_SENSOR_PIXELS:
        picture.draft(None, (picture.width // 2, picture.height // 2))
        pixels = picture.width * picture.height
    if pixels > MOST_PIXELS:
        raise UnfitFileError


def _save_moving(picture: Image.Image, frames: int, image_format: str, drawn: BytesIO) -> None:
    """Draw each frame anew, and let it last as long as it did."""
    if picture.width * picture.height * frames > MOST_PIXELS or frames > MOST_FRAMES:
        raise UnfitFileError
    turn, loop = _orientation(picture), int(picture.info.get("loop", 0))
    # The picture that stands for a moving one where nothing moves is none of its frames.
    first = 1 if getattr(picture, "default_image", False) else 0
    still, *others = (_moment(picture, number, turn) for number in range(first, frames))
    durations = [milliseconds for _, milliseconds in (still, *others)]
    still[0].save(
        drawn,
        image_format,
        save_all=True,
        append_images=[frame for frame, _ in others],
        duration=durations,
        loop=loop,
        quality=QUALITY,
    )


def _moment(picture: Image.Image, number: int, turn: int) -> tuple[Image.Image, int]:
    """Return a frame as it is seen, and for how many milliseconds."""
    picture.seek(number)
    picture.load()
    seen = _in_srgb(picture)
    if seen.mode not in {"RGB", "RGBA"}:
        seen = seen.convert("RGBA" if seen.has_transparency_data else "RGB")
    return _upright(seen, turn), round(float(picture.info.get("duration", 0)))


def _orientation(picture: Image.Image) -> int:
    """Return how a picture was held; one whose notes cannot be read was held upright."""
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - cameras write notes that make Pillow raise almost anything
        return 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    """Return the pixels alone, turned upright: a picture that knows nothing of its file."""
    turn = _UPRIGHT.get(orientation)
    bare = picture.copy() if turn is None else picture.transpose(turn)
    transparency = picture.info.get("transparency")
    bare.info = {} if transparency is None else {"transparency": transparency}
    bare.getexif().clear()
    return bare


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return a picture in the colours of sRGB, which is what one without a profile is shown in."""
    profile = picture.info.get("icc_profile")
    if not isinstance(profile, bytes) or picture.mode not in _WITH_COLOURS:
        return picture
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    plain = picture if picture.mode in {"CMYK", "L"} else picture.convert(mode)
    try:
        space = ImageCms.getOpenProfile(BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(space):
            return picture
        converted = ImageCms.profileToProfile(plain, space, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # the profile is broken, or speaks of another kind of colours
    return converted or picture


_WITH_COLOURS: Final = frozenset({"RGB", "RGBA", "P", "PA", "CMYK", "L", "LA"})
"""The kinds of pictures whose profiles are read."""
