"""The pages on which a browser reads the API's descriptions: Redoc, from our own origin, under a strict policy.

The renderer is one file, which the build puts beside the handler that serves it. It may fetch the description and
nothing else: neither measure its readers nor load pictures from its makers.
"""

from html import escape
from secrets import token_urlsafe
from typing import Final

from marketplace.platform.api.http import Response

_NONCE_BYTES: Final = 16
_RENDERER_KEPT: Final = "public, max-age=86400"
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" content="{nonce}">
<link rel="icon" href="data:,">
<title>{title}</title>
</head>
<body>
<redoc spec-url="{description}" disable-telemetry="true"></redoc>
<script type="module" src="{renderer}"></script>
<noscript>The description itself: <a href="{description}">{description}</a></noscript>
</body>
</html>
"""


def reference_page(*, title: str, description: str, renderer: str) -> Response:
    """Return the page that shows a description; both addresses are relative to the page's own."""
    nonce = token_urlsafe(_NONCE_BYTES)
    values = {"title": title, "description": description, "renderer": renderer, "nonce": nonce}
    return Response(
        content=_PAGE.format(**{name: escape(value) for name, value in values.items()}),
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": (
                f"default-src 'none'; script-src 'self'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
                "font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'"
            ),
            "Referrer-Policy": "no-referrer",
        },
    )


def renderer_file(text: str) -> Response:
    """Return the renderer, for browsers to keep."""
    return Response(content=text, content_type="text/javascript", headers={"Cache-Control": _RENDERER_KEPT})
