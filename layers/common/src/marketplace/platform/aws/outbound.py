"""Calls to addresses that somebody gave us: to the public internet alone, judged by the address really connected to.

The name is resolved once, the address judged, and the connection made to that very address, so that a name that points
elsewhere a moment later leads nowhere. Nothing follows a redirection. A laptop may also call ``http://127.0.0.1:port``.
Source: https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import Final, override
from urllib.parse import SplitResult, urlsplit

LONGEST_URL: Final = 2_000
_HTTPS: Final = 443
_LOOPBACK: Final = "127.0.0.1"
_INNER_NAMES: Final = ("localhost", "local", "internal", "lan", "home", "corp", "test", "invalid", "arpa")


class AddressRefused(Exception):  # noqa: N818 - it is an answer
    """An address that is not a public one over https."""


class NoAnswer(Exception):  # noqa: N818 - it is what came back
    """Nothing came back in time, or nothing that is HTTP."""


def check_url(url: str, *, on_laptop: bool) -> SplitResult:
    """Return the parts of an address that may be called, as far as its text tells.

    Raises:
        AddressRefused: it may not.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressRefused from None
    is_clean = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= LONGEST_URL
    if not is_clean or "@" in parts.netloc or parts.fragment or not host:
        raise AddressRefused
    if on_laptop and parts.scheme == "http" and host == _LOOPBACK and port:
        return parts
    if parts.scheme != "https" or port == 0:
        raise AddressRefused
    literal = _literal(host)
    if literal is not None:
        if not is_public(literal):
            raise AddressRefused
    elif "." not in host or host.rstrip(".").rpartition(".")[2].isdigit() or _is_inner(host):
        raise AddressRefused
    return parts


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is one of the public internet, whatever it is wrapped in."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if wrapped is not None:
            return is_public(wrapped)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast and not address.is_reserved


_NAT64: Final = IPv6Network("64:ff9b::/96")


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, on_laptop: bool) -> int:
    """Post to an address and return the status of the answer, whose body nobody reads.

    Raises:
        AddressRefused: it is not a public one.
        NoAnswer: none within ``seconds``.
    """
    parts = check_url(url, on_laptop=on_laptop)
    host = parts.hostname or ""
    is_tls = parts.scheme == "https"
    port = parts.port or _HTTPS
    address = _resolved(host, port, is_loopback=not is_tls)
    connection = _Pinned(host, port, address, is_tls=is_tls, seconds=seconds)
    alarm = Timer(seconds, connection.cut)
    alarm.daemon = True
    alarm.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers=dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError):
        raise NoAnswer from None
    finally:
        alarm.cancel()
        connection.close()


def _resolved(host: str, port: int, *, is_loopback: bool) -> str:
    """Return the address to connect to; where a name has several, all of them must be public."""
    if is_loopback:
        return _LOOPBACK
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoAnswer from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not addresses or not all(is_public(ip_address(each)) for each in addresses):
        raise AddressRefused
    return next((each for each in addresses if ":" not in each), addresses[0])


class _Pinned(http.client.HTTPConnection):
    """A connection to one address under the name of a host."""

    def __init__(self, host: str, port: int, address: str, *, is_tls: bool, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._address = address
        self._is_tls = is_tls
        if is_tls and port == _HTTPS:
            self.default_port = _HTTPS  # which the Host header then leaves out

    @override
    def connect(self) -> None:
        """Connect to the address that was judged, and no other."""
        plain = socket.create_connection((self._address, self.port), timeout=self.timeout)
        self.sock = plain
        if self._is_tls:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)

    def cut(self) -> None:
        """End whatever is going on: the time is up."""
        sock = self.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _is_inner(host: str) -> bool:
    return host.rstrip(".").rpartition(".")[2].lower() in _INNER_NAMES
