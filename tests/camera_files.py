"""Files as cameras, telephones and banking apps write them, made up here."""

import io
import struct
from typing import Any, Final

from PIL import Image, ImageCms

RED, GREEN, BLUE = (250, 10, 10), (10, 250, 10), (10, 10, 250)
SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
OTHER_COLOURS: Final = SRGB.replace(b"s\0R\0G\0B", b"s\0w\0a\0p").replace(b"rXYZ", b"____").replace(b"gXYZ", b"rXYZ")
"""A profile of another space: its red is our green."""
SWAPPED: Final = OTHER_COLOURS.replace(b"____", b"gXYZ")


def picture(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    """Return a red picture with a blue upper left corner, which tells how it was held."""
    drawn = Image.new("RGB", size, RED)
    drawn.paste(BLUE, (0, 0, size[0] // 2, size[1] // 2))
    return drawn if mode == "RGB" else drawn.convert(mode)


def saved(drawn: Image.Image, image_format: str, **more: Any) -> bytes:  # noqa: ANN401 - each format's own options
    """Return a picture as a file."""
    file = io.BytesIO()
    drawn.save(file, image_format, **more)
    return file.getvalue()


def held(orientation: int) -> Image.Exif:
    """Return notes that tell how the camera was held, and more."""
    told = Image.Exif()
    told[0x010F], told[0x0112] = "TelltalePhone", orientation
    return told


def moving(image_format: str, durations: list[int], **more: Any) -> bytes:  # noqa: ANN401 - each format's own options
    """Return a moving picture whose frames differ and last so many milliseconds."""
    frames = [picture() for _ in durations]
    for number, frame in enumerate(frames):
        frame.putpixel((40, 20 + number), GREEN)
    return saved(frames[0], image_format, save_all=True, append_images=frames[1:], duration=durations, loop=2, **more)


def broken_notes() -> bytes:
    """Return a JPEG whose EXIF ends in the midst of a tag."""
    whole = saved(picture(), "JPEG")
    notes = b"Exif\0\0MM\0*\0\0\0\x08\0\xff" + b"\x01\x12\0\x09\xff\xff\xff\xff"
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(notes) + 2) + notes + whole[2:]


def broken_previews() -> bytes:
    """Return a JPEG that promises previews which an editor has cut off."""
    whole = saved(picture(), "MPO", save_all=True, append_images=[picture(size=(16, 8))])
    return whole[: whole.rindex(b"\xff\xd8")]


DOCUMENT: Final = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n0\n%%EOF\n"

FILES: Final[dict[str, tuple[str, bytes]]] = {
    "photograph with a preview": (
        "image/jpeg",
        saved(picture(), "MPO", save_all=True, append_images=[picture(size=(24, 16)), picture(size=(12, 8))]),
    ),
    "photograph with a preview cut off": ("image/jpeg", broken_previews()),
    "photograph with a film behind it": ("image/jpeg", saved(picture(), "JPEG") + b"\0\0\0\x18ftypmp42" + b"\0" * 999),
    "photograph with broken notes": ("image/jpeg", broken_notes()),
    "progressive photograph": ("image/jpeg", saved(picture(), "JPEG", progressive=True)),
    "photograph in sRGB": ("image/jpeg", saved(picture(), "JPEG", icc_profile=SRGB)),
    "photograph with a broken profile": ("image/jpeg", saved(picture(), "JPEG", icc_profile=b"no profile" * 20)),
    "scan for print": ("image/jpeg", saved(picture("CMYK"), "JPEG")),
    "grey scan with a profile": ("image/jpeg", saved(picture("L"), "JPEG", icc_profile=SRGB)),
    "screenshot": ("image/png", saved(picture("RGBA"), "PNG", icc_profile=SRGB)),
    "screenshot of few colours": ("image/png", saved(picture("P"), "PNG")),
    "receipt of few colours, see-through": ("image/png", saved(picture("P"), "PNG", transparency=0)),
    "receipt in grey, see-through": ("image/png", saved(picture("LA"), "PNG")),
    "scan of sixteen bits": ("image/png", saved(Image.new("I;16", (48, 32), 40_000), "PNG")),
    "scan in black and white": ("image/png", saved(picture("1"), "PNG")),
    "sticker": ("image/webp", saved(picture("RGBA"), "WEBP", lossless=True)),
    "forwarded picture": ("image/webp", saved(picture(), "WEBP", icc_profile=SRGB, exif=held(1))),
    "receipt": ("application/pdf", DOCUMENT),
    "receipt padded with NULs": ("application/pdf", DOCUMENT + b"\0" * 5_000),
    "receipt padded with lines": ("application/pdf", DOCUMENT + b"\r\n" * 2_000),
    "receipt behind a byte order mark": ("application/pdf", b"\xef\xbb\xbf" + DOCUMENT),
    "receipt behind an empty line": ("application/pdf", b"\r\n" + DOCUMENT),
    "receipt with an addition": ("application/pdf", DOCUMENT + b"2 0 obj<<>>endobj\n" * 200 + b"%%EOF"),
}
"""Each with the type that it is announced as."""
