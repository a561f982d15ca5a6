"""`serviweb diagnostico`: browser, settings, map, reachability, disk — each with what to do about it."""

from __future__ import annotations

import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

from robot.errors import RobotError, SettingsError
from robot.settings import Settings, load


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    que: str
    bien: bool
    detalle: str
    que_hacer: str = ""


def diagnose(*, json: bool) -> int:
    """Look at everything a run needs and show it; return 0, or 2 when something is wrong."""
    checks = [_settings()]
    settings = load() if checks[0].bien else None
    checks.append(_guard("Navegador", lambda: _browser(settings)))
    checks.append(_guard("Mapa de pantallas", lambda: _map(settings)))
    if settings:
        checks += [
            _guard("Contraseña", lambda: _password(settings)),
            _reachable(settings),
            _guard("Disco", lambda: _disk(settings)),
            _guard("Base de datos", lambda: _database(settings)),
        ]
    checks.append(_guard("Grabación", _assets))
    good = all(check.bien for check in checks)
    if json:
        from robot.console import print_json

        print_json({"bien": good, "revisiones": [asdict(check) for check in checks]})
    else:
        _show(checks)
    return 0 if good else SettingsError.exit_code


def _guard(what: str, look: Callable[[], str]) -> Check:
    try:
        return Check(what, True, look())
    except RobotError as error:
        return Check(what, False, error.reason, error.advice)


def _settings() -> Check:
    try:
        settings = load()
    except SettingsError as error:
        return Check("Ajustes", False, error.reason, error.advice)
    missing = [f"SERVIWEB_{n.upper()}" for n in ("url", "usuario") if not getattr(settings, n)]
    if missing:
        return Check(
            "Ajustes",
            False,
            f"faltan {' y '.join(missing)}",
            "Defínalos en el entorno o en un archivo .env (docs/configuracion.md).",
        )
    return Check("Ajustes", True, f"usuario {settings.usuario}, mapa {settings.mapa}, evidencia {settings.evidencia}")


def _browser(settings: Settings | None) -> str:
    import asyncio

    from robot.browser.session import browser_of

    async def version() -> str:
        async with browser_of(settings or Settings()) as browser:
            return browser.version

    from robot.browser.executable import NoBrowserError, find

    try:
        found = find(settings.navegador if settings else None, visible=bool(settings and settings.visible))
    except NoBrowserError as error:
        raise SettingsError(str(error)) from error
    return f"{found.name} {asyncio.run(version())} ({found.path or found.channel})"


def _map(settings: Settings | None) -> str:
    from flows.controles import OPTIONAL, REQUIRED
    from robot.browser.maps import load as load_map
    from robot.resources import map_folder

    maps = load_map(map_folder(settings.mapa if settings else "mock"), REQUIRED, OPTIONAL)
    return f"{maps.name}: {len(maps.screens)} pantallas, {len(maps.controls())} controles (SHA-256 {maps.sha256[:12]}…)"


def _password(settings: Settings) -> str:
    if not settings.usuario:
        raise SettingsError("no se puede buscar sin SERVIWEB_USUARIO", remedy="Defina primero el usuario.")
    settings.password()
    return f"hay una para {settings.usuario}"


def _reachable(settings: Settings) -> Check:
    if not settings.url.startswith(("http://", "https://")):
        return Check("Serviweb", False, "SERVIWEB_URL no es una dirección http", "Corrija SERVIWEB_URL.")
    if settings.proxy and (refused := _tunnel_refused(settings)):
        return refused
    proxies = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
    try:
        with opener.open(settings.url, timeout=10) as answer:
            return Check("Serviweb", True, f"{settings.url} respondió {answer.status}")
    except urllib.error.HTTPError as error:
        return Check("Serviweb", error.code < 500, f"{settings.url} respondió {error.code}", "Avise a sistemas.")
    except OSError as error:
        reason = getattr(error, "reason", error)
        return Check(
            "Serviweb", False, f"{settings.url} no responde: {reason}", "Revise la red, el proxy y la dirección."
        )


def _tunnel_refused(settings: Settings) -> Check | None:
    """Ask the proxy for a tunnel, as the gate does for every save (docs/decisiones.md, *Proxy*)."""
    proxy, site = urlsplit(settings.proxy), urlsplit(settings.url)
    target = f"{site.hostname}:{site.port or (443 if site.scheme == 'https' else 80)}"
    try:
        with socket.create_connection((proxy.hostname or "", proxy.port or 8080), timeout=10) as wire:
            wire.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
            answer = wire.recv(200).decode("latin-1").partition("\r\n")[0]
    except OSError as error:
        return Check("Serviweb", False, f"el proxy no responde: {error}", "Revise SERVIWEB_PROXY.")
    if " 200" in answer:
        return None
    return Check(
        "Serviweb",
        False,
        f"el proxy no permite el túnel que usa cada guardado hacia {target}: «{answer}»",
        "Pida que el proxy permita CONNECT hacia Serviweb, o use su dirección https.",
    )


def _disk(settings: Settings) -> str:
    from robot.work.apertura import check_room

    check_room(settings)
    return f"{settings.carpeta}: {shutil.disk_usage(settings.carpeta).free // 2**20} MB libres"


def _database(settings: Settings) -> str:
    """Open it, which brings its tables up to this version."""
    from robot.records.store.cases import counts
    from robot.work.archivo import DATABASE, archivo_of, machine

    if not settings.base_datos and not (settings.carpeta / DATABASE).exists():
        return "un archivo en la carpeta de datos, que se crea con el primer caso"
    with archivo_of(settings) as archivo:
        number = sum(counts(archivo.store).values())
    where = f"PostgreSQL; este equipo es {machine(settings)}" if settings.base_datos else "archivo de esta máquina"
    return f"{where}; {number} casos"


def _assets() -> str:
    from importlib.resources import files

    folder = files("robot") / "web"
    missing = [name for name in ("record.min.js", "rrweb-player.min.js") if not (folder / name).is_file()]
    if missing:
        raise SettingsError(
            f"faltan {', '.join(missing)}",
            remedy="Ejecute «python tools/assets.py» en la carpeta del proyecto, o reinstale.",
        )
    return "el grabador y el visor están instalados"


def _show(checks: list[Check]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        detail = Text(check.detalle)
        if not check.bien:
            detail.append(f"\nQué hacer: {check.que_hacer}", style="yellow")
        table.add_row(Text("✔", "green") if check.bien else Text("✘", "red"), check.que, detail)
    Console(highlight=False).print(table)
