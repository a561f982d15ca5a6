"""Load `selectors/<map>/*.toml`: where each control is, as data.

A map is one folder: `mapa.toml` (what holds for the whole site) and one TOML per screen, one table per control, exactly
one strategy per control. The folder is loaded and checked whole; every fault is reported at once with file and key.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from robot.errors import SettingsError

STRATEGIES = ("role", "label", "placeholder", "text", "test_id", "css")
SITE_FILE = "mapa.toml"


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control of one screen, as its map declares it."""

    screen: str
    key: str
    role: str | None = None
    name: str | None = None
    label: str | None = None
    placeholder: str | None = None
    text: str | None = None
    test_id: str | None = None
    css: str | None = None
    within: str | None = None
    frame: tuple[str, ...] = ()
    many: bool = False
    private: bool = False
    loose: bool = False
    window: str | None = None
    opens: str | None = None
    dialog: str = "page"
    widget: str = "select"
    options: str | None = None
    menu: str = "click"
    where: str = "page"
    fades: bool = False
    virtual: bool = False
    pattern: re.Pattern[str] | None = None
    appears: str = "always"
    posts: tuple[str, ...] = ()
    has_text: bool = True
    writes: tuple[str, ...] = ()
    gate: bool = True

    @property
    def title(self) -> str:
        """Return `screen.key`, as messages and traces name it."""
        return f"{self.screen}.{self.key}"


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """A harmless box that this site is known to show: its text, and for one in the page how it is closed."""

    pattern: re.Pattern[str]
    box: str | None = None
    close: str | None = None


@dataclass(frozen=True, kw_only=True)
class Map:
    """One loaded map: its screens, and what holds for the whole site."""

    name: str
    folder: Path
    sha256: str
    start: str
    shared_session: bool
    busy: str | None = None
    learned: str | None = None
    advisories: tuple[Advisory, ...] = ()
    titles: Mapping[str, str]
    screens: Mapping[str, Mapping[str, Control]]

    def controls(self) -> list[Control]:
        """Return every control of every screen."""
        return [c for controls in self.screens.values() for c in controls.values()]

    @property
    def writes(self) -> list[str]:
        """Return the addresses to which a control of the map saves."""
        return [address for control in self.controls() for address in control.writes]

    def control(self, title: str) -> Control:
        """Return the control that a locator's description names (`factura.guardar`)."""
        screen, _, key = title.partition(".")
        return self.screens[screen][key]


_CHOICES = {
    "opens": ("popup", "download", "pdf", "print", "same"),
    "dialog": ("native", "page"),
    "widget": ("select", "typeahead"),
    "menu": ("click", "hover"),
    "appears": ("always", "after_save"),
    "in": ("page", "dialog", "toast"),
}
_FLAGS = ("many", "private", "loose", "gate", "fades", "virtual")
_STRINGS = ("role", "name", "label", "placeholder", "test_id", "css", "within", "window", "options")
_SCREEN_NOTES = {"screen", "checked"}
_SITE_NOTES = {
    "nombre": str,
    "inicio": str,
    "shared_session": bool,
    "checked": str,
    "ocupado": str,
    "aprendido": str,
    "avisos": list,
}


@dataclass
class _Faults:
    file: str
    found: list[str] = field(default_factory=list)

    def add(self, key: str, text: str) -> None:
        self.found.append(f"{self.file} [{key}]: {text}")


def _as_list(value: object) -> tuple[str, ...] | None:
    values = [value] if isinstance(value, str) else value
    if isinstance(values, list) and values and all(isinstance(v, str) and v for v in values):
        return tuple(values)
    return None


def _field(name: str, value: object) -> tuple[str, Any] | str:
    """Return the checked field of a control as (attribute, value), or what is wrong with it."""
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            return f"«{name}» debe ser uno de {', '.join(_CHOICES[name])}"
        return ("where" if name == "in" else name, value)
    if name in _FLAGS:
        return (name, value) if isinstance(value, bool) else f"«{name}» debe ser true o false"
    if name == "text" and value is False:
        return ("has_text", False)
    if name in _STRINGS or name == "text":
        return (name, value) if isinstance(value, str) and value else f"«{name}» debe ser un texto"
    if name in ("frame", "writes", "posts"):
        found = _as_list(value)
        return (name, found) if found else f"«{name}» debe ser un texto o una lista de textos"
    if name == "pattern":
        try:
            pattern = re.compile(str(value))
        except re.error as error:
            return f"«pattern» no es una expresión regular: {error}"
        return (name, pattern) if pattern.groups == 1 else "«pattern» debe tener un solo grupo: el número"
    return f"«{name}» no es una clave conocida"


def _control(screen: str, key: str, spec: object, faults: _Faults) -> Control | None:
    if not isinstance(spec, dict):
        faults.add(key, "debe ser una tabla")
        return None
    checked = [_field(name, value) for name, value in spec.items()]
    wrong = [text for text in checked if isinstance(text, str)]
    values = dict(pair for pair in checked if not isinstance(pair, str))
    used = [name for name in STRATEGIES if values.get(name) is not None]
    if values.get("where") == "dialog":
        if used or "pattern" not in values:
            wrong.append("un texto de un cuadro nativo (in = «dialog») lleva «pattern» y ninguna forma de buscarlo")
    elif len(used) != 1:
        wrong.append(f"necesita exactamente una de {', '.join(STRATEGIES)}; tiene {', '.join(used) or 'ninguna'}")
    if "name" in values and "role" not in values:
        wrong.append("«name» solo va con «role»")
    wrong += [
        f"«within» ya está dentro de lo de su contenedor: quite «{name}»"
        for name in ("frame", "window")
        if "within" in values and name in values
    ]
    if (values.get("widget") == "typeahead") != ("options" in values):
        wrong.append("«options» va con widget = «typeahead», y nombra el control de las opciones que aparecen")
    for text in wrong:
        faults.add(key, text)
    return None if wrong else Control(screen=screen, key=key, **values)


def _inside(controls: Mapping[str, Control], faults: _Faults) -> None:
    for key, control in controls.items():
        for name, other in (("window", control.window), ("options", control.options)):
            if other and other not in controls:
                faults.add(key, f"{name} = «{other}» no está en este mapa")
            elif other and name == "window" and controls[other].opens != "popup":
                faults.add(key, f"window = «{other}»: a ese control le falta opens = «popup»")
        seen = {key}
        outer = control.within
        while outer:
            if outer not in controls:
                faults.add(key, f"within = «{outer}» no está en este mapa")
                break
            if outer in seen:
                faults.add(key, "«within» da una vuelta sobre sí mismo")
                break
            seen.add(outer)
            outer = controls[outer].within


def _window(control: Control, controls: Mapping[str, Control]) -> str | None:
    """Return the control that opens the window where this one stands: its own, or its container's."""
    while control.within:
        control = controls[control.within]
    return control.window


def _advisories(given: object) -> tuple[Advisory, ...] | str:
    """Return the known harmless boxes of `mapa.toml`, or what is wrong with them."""
    found: list[Advisory] = []
    for number, entry in enumerate(given if isinstance(given, list) else [], start=1):
        where = f"{SITE_FILE}: [[avisos]] {number}"
        if not isinstance(entry, dict) or entry.keys() - {"pattern", "dialog", "cuadro", "cerrar"}:
            return f"{where}: lleva «pattern», «dialog», «cuadro» y «cerrar», y nada más"
        in_page = entry.get("dialog", "page") == "page"
        needed = {"pattern", "cuadro", "cerrar"} if in_page else {"pattern"}
        if missing := [k for k in sorted(needed) if not isinstance(entry.get(k), str) or not entry[k]]:
            return f"{where}: falta {', '.join(missing)}"
        if entry.get("dialog", "page") not in _CHOICES["dialog"]:
            return f"{where}: «dialog» debe ser uno de {', '.join(_CHOICES['dialog'])}"
        try:
            pattern = re.compile(entry["pattern"])
        except re.error as error:
            return f"{where}: «pattern» no es una expresión regular: {error}"
        found.append(Advisory(pattern=pattern, box=entry.get("cuadro"), close=entry.get("cerrar")))
    return tuple(found)


def _read(path: Path) -> dict[str, Any] | str:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return f"{path.name}: no se puede leer: {error}"


def _screen(name: str, table: dict[str, Any], wanted: frozenset[str]) -> tuple[dict[str, Control], list[str]]:
    """Return the controls of one screen and every fault of its file, missing controls included."""
    faults = _Faults(f"{name}.toml")
    read = {key: _control(name, key, spec, faults) for key, spec in table.items() if key not in _SCREEN_NOTES}
    controls = {key: control for key, control in read.items() if control}
    if not faults.found:
        _inside(controls, faults)
    if not faults.found:
        controls = {key: replace(control, window=_window(control, controls)) for key, control in controls.items()}
    missing = [f"{name}.toml: falta el control [{key}]" for key in sorted(wanted - table.keys())]
    return controls, faults.found + missing


def load(
    folder: Path,
    required: Mapping[str, frozenset[str]] | None = None,
    optional: Mapping[str, frozenset[str]] | None = None,
) -> Map:
    """Load and check one whole map. *required* names the controls that the flows use, per screen.

    *optional* does so for screens that the map may leave out.

    Raises `SettingsError` with every fault, one a line: file, control, what is wrong.
    """
    if not (folder / SITE_FILE).is_file():
        raise SettingsError(f"No hay un mapa de pantallas en {folder} (falta {SITE_FILE})")
    wanted = {**(required or {}), **(optional or {})}
    wrong: list[str] = []
    site: dict[str, Any] = {}
    titles: dict[str, str] = {}
    screens: dict[str, dict[str, Control]] = {}
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.toml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
        table = _read(path)
        if isinstance(table, str):
            wrong.append(table)
        elif path.name == SITE_FILE:
            site = table
            wrong += [
                f"{SITE_FILE}: «{key}» no es una clave conocida o no es del tipo debido"
                for key, value in table.items()
                if not isinstance(value, _SITE_NOTES.get(key, ()))
            ]
        else:
            titles[path.stem] = str(table.get("screen", path.stem))
            screens[path.stem], found = _screen(path.stem, table, wanted.get(path.stem, frozenset()))
            wrong += found
    wrong += [f"{name}.toml: falta la pantalla" for name in sorted((required or {}).keys() - screens.keys())]
    advisories = _advisories(site.get("avisos", []))
    if isinstance(advisories, str):
        wrong.append(advisories)
    if wrong:
        raise SettingsError(f"El mapa de pantallas «{folder.name}» tiene errores:\n  " + "\n  ".join(wrong))
    return Map(
        name=str(site.get("nombre", folder.name)),
        folder=folder,
        sha256=digest.hexdigest(),
        start=str(site.get("inicio", "/")),
        shared_session=bool(site.get("shared_session", False)),
        busy=site.get("ocupado"),
        learned=site.get("aprendido") or None,
        advisories=cast("tuple[Advisory, ...]", advisories),
        titles=titles,
        screens=screens,
    )
