"""Send what is in the outbox: webhooks signed as the Standard Webhooks specification says, notices through apprise.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import logging
import re
import secrets
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import urllib3

from robot import __version__
from robot.errors import Rejected, SettingsError
from robot.records.boveda import Boveda
from robot.records.store import envios, ganchos
from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.settings import Settings

PAUSES: Final = (10.0, 60.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0)
"""Seconds before each further attempt; after the last one a message is given up."""
_TIMEOUT: Final = urllib3.Timeout(connect=5, read=10)
_SENDERS: Final = 4
_MOST: Final = 100
"""Messages that one round sends at most."""
_SIGN: Final = "whsec_"
_CERTAIN: Final = (
    (re.compile(r"onnection refused|actively refused"), "nadie atiende en esa dirección"),
    (re.compile(r"NameResolutionError|getaddrinfo|not known|No address associated"), "el nombre no existe"),
    (re.compile(r"ConnectTimeout|unreachable|No route to host"), "no se llega a esa dirección"),
    (re.compile(r"\(535, b['\"]|error=40[13]\b"), "no aceptó el usuario y la contraseña"),
    (re.compile(r"\([45]\d\d, b['\"]|error=4\d\d\b|error=503\b"), "lo rechazó"),
)
"""What apprise tells of a message that the other side certainly did not take, and how people are told."""


def new_secret() -> str:
    """Return a secret that signs a webhook's messages."""
    return _SIGN + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def signature(secret: str, name: str, moment: int, body: str) -> str:
    """Return the header `webhook-signature` of a message."""
    key = base64.b64decode(secret.removeprefix(_SIGN))
    digest = hmac.new(key, f"{name}.{moment}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode('ascii')}"


def check_url(url: str) -> None:
    """Raise `Rejected` for an address to which no webhook is sent: it must be https, or of this very machine.

    Private addresses are allowed, an office's own server has one; link-local ones, where clouds keep keys, are not.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if not host or not url.isascii() or len(url) > 500 or re.search(r"[\s\x00-\x1f\\]", url):
        raise Rejected("No es una dirección web", remedy="Escríbala completa, por ejemplo https://empresa.co/avisos.")
    if parts.username or parts.password or parts.fragment:
        raise Rejected("La dirección no puede llevar usuario, contraseña ni «#»", remedy="Use la firma para probarla.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise Rejected("La dirección debe empezar por https://", remedy="http:// solo sirve en este mismo equipo.")
    if _is_forbidden(host):
        raise Rejected("A esa dirección no se envían avisos", remedy="Use la del servidor que los recibe.")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_loopback(host: str) -> bool:
    found = _address(host)
    return host == "localhost" or bool(found and found.is_loopback)


def _is_forbidden(host: str) -> bool:
    found = _address(host)
    return bool(found and (found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved))


def _resolves_well(host: str) -> bool:
    """Say whether a name leads to an address to which webhooks are sent; one that leads nowhere fails later."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return True
    return not any(_is_forbidden(address) for address in found)


@dataclass(frozen=True, kw_only=True)
class Destino:
    """A place to which notices go; the outbox knows it by a keyed hash, since its address holds a password."""

    huella: str
    url: str = field(repr=False)
    nombre: str


def destinos(settings: Settings, boveda: Boveda) -> list[Destino]:
    """Return the places of the settings."""
    given = settings.avisos.get_secret_value().split() if settings.avisos else []
    return [
        Destino(huella=boveda.huella("aviso", url)[:32], url=url, nombre=_name(url)) for url in dict.fromkeys(given)
    ]


def _name(url: str) -> str:
    """Return an address without its secrets, as people may see it."""
    plugin = _plugin(url)
    if plugin is None:
        return "una dirección de SERVIWEB_AVISOS que no se entiende"
    if url.startswith("mailto"):
        return "correo a " + ", ".join(address for _name, address in plugin.targets)
    parts = urlsplit(plugin.url(privacy=True))
    return unquote(f"{parts.scheme}://{parts.netloc}{parts.path}").rstrip("/")


def _plugin(url: str) -> Any:
    import apprise  # it loads slowly, and most installations have no address

    return apprise.Apprise.instantiate(url, suppress_exceptions=True)


@dataclass(kw_only=True)
class Mensajero:
    """Sends what waits; several may at once, in one process or in many."""

    store: Store
    boveda: Boveda
    destinos: Sequence[Destino]
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Open no connection yet."""
        self._http = urllib3.PoolManager(num_pools=20, headers={"User-Agent": f"serviweb-robot/{__version__}"})

    def round(self) -> int:
        """Send what may be sent now; return how many messages were taken."""
        with ThreadPoolExecutor(_SENDERS, thread_name_prefix="mensajes") as pool:
            return sum(pool.map(lambda _: self._send_some(), range(_SENDERS)))

    def _send_some(self) -> int:
        for count in range(_MOST // _SENDERS):
            row = None if self.stop.is_set() else envios.claim(self.store)
            if row is None:
                return count
            if row["canal"] == "gancho":
                self._webhook(row)
            else:
                self._notice(row)
        return _MOST // _SENDERS

    def _failed(self, row: Row, error: str) -> None:
        if row["intentos"] > len(PAUSES):
            envios.failed(self.store, row, error)
        else:
            wait = PAUSES[row["intentos"] - 1] * (1 + secrets.randbelow(100) / 500)
            envios.again(self.store, row, error, espera_segundos=wait)

    # Webhooks.

    def _webhook(self, row: Row) -> None:
        gancho = ganchos.found(self.store, row["destino"])
        if gancho is None:
            envios.failed(self.store, row, "Se borró el gancho")
            return
        try:
            secret = self.boveda.descifrar(gancho["secreto"])
        except SettingsError as error:
            envios.failed(self.store, row, error.reason)
            return
        name = f"msg_{row['clave'].replace(':', '_')}"
        if why := self._posted(gancho["url"], secret, name, row["cuerpo"]):
            self._failed(row, why)
        else:
            envios.sent(self.store, row)

    def _posted(self, url: str, secret: str, name: str, body: str) -> str:
        """Post a message once; return why it did not arrive, or «»."""
        if not _resolves_well(urlsplit(url).hostname or ""):
            return "La dirección lleva a donde no se envían avisos"
        moment = int(time.time())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": name,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(secret, name, moment, body),
        }
        try:
            answer = self._http.request(
                "POST",
                url,
                body=body.encode(),
                headers={**self._http.headers, **headers},
                timeout=_TIMEOUT,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            status = answer.status
            answer.close()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return f"No respondió: {type(error).__name__}"
        return "" if 200 <= status < 300 else f"Respondió {status}"

    # Notices.

    def _notice(self, row: Row) -> None:
        """Send a notice; whoever dies from here on leaves it *enviando*, and nobody sends it again by himself."""
        place = next((one for one in self.destinos if one.huella == row["destino"]), None)
        plugin = _plugin(place.url) if place else None
        if plugin is None:
            envios.failed(self.store, row, "Esa dirección no está en SERVIWEB_AVISOS, o no se entiende")
            return
        arrived, said = _notified(plugin, json.loads(row["cuerpo"]))
        certain = next((why for pattern, why in _CERTAIN if pattern.search(said)), "") if len(plugin) == 1 else ""
        if arrived:
            envios.sent(self.store, row)
        elif certain:
            self._failed(row, f"No salió: {certain}")
        else:
            envios.uncertain(self.store, row, "La conexión se cortó a medio envío: no se sabe si llegó")


def _notified(plugin: Any, message: dict[str, str]) -> tuple[bool, str]:
    """Hand a message to apprise, once; return whether it arrived, and what was said, which may hold secrets."""
    import apprise

    log = logging.getLogger("apprise")
    log.setLevel(logging.DEBUG)  # below that it doesn't tell what went wrong
    log.propagate = False
    plugin.retry = 0  # apprise would send again what may have arrived
    one = apprise.Apprise()
    one.add(plugin)
    result = one.notify(
        title=f"Robot de Serviweb: {message['titulo']}",
        body=message["texto"],
        body_format=apprise.NotifyFormat.TEXT,
        log_level=logging.DEBUG,
    )
    told = (str(entry.message) for entry in result.logs())
    return bool(result), "\n".join(line for line in told if "ayload" not in line)
