"""The names that controls carry: generated, other ones with each load; a hidden field tells the server which."""

from __future__ import annotations

import base64
import binascii
import json
import random
import secrets

from markupsafe import Markup

_KINDS = {
    "txt": "usuario clave codigo documento nombres apellidos celular direccion texto numero observacion",
    "ddl": "forma_pago tipo_documento producto tipo_busqueda zona medio servicio tipo causal",
    "chk": "notificacion",
    "btn": "ingresar agregar limpiar guardar guardar_nuevo buscar cerrar generar pagar consultar",
    "ibt": "nuevo_tercero lupa_facturas lupa_financiacion impresora",
    "lnk": "quitar pagina elegido tercero_creado",
    "lbl": "suscriptor ruta estado tercero no_existe total documento_numero mensaje valor facturas pago",
    "grd": "productos pendientes encontrados lista",
}
KIND_OF = {field: kind for kind, fields in _KINDS.items() for field in fields.split()}
_BEGINNING = "/wEPDwUK"  # as every __VIEWSTATE of those years began


class Names:
    """The names of one page, drawn from its seed."""

    def __init__(self, seed: str = "") -> None:
        self.seed = seed or secrets.token_hex(4)
        drawn = random.Random(self.seed).sample(range(100, 1000), len(KIND_OF))  # noqa: S311 — names, no secrets
        self._numbers = dict(zip(KIND_OF, drawn, strict=True))
        self.used: dict[str, str] = {}

    def name(self, field: str) -> str:
        """Return the name under which a field is posted."""
        number = self._numbers[field]
        return f"ctl00$ContentPlaceHolder1$ctl{number % 90 + 10}${KIND_OF[field]}{number}"

    def id(self, field: str) -> str:
        """Return the id of a control, and remember that the page has it."""
        self.used[field] = self.name(field).replace("$", "_")
        return self.used[field]

    def __call__(self, field: str) -> Markup:
        """Write the id and the name of a field as attributes."""
        return Markup('id="{}" name="{}"').format(self.id(field), self.name(field))

    def plain(self, posted: dict[str, str]) -> dict[str, str]:
        """Turn what a page posted into fields by their plain names."""
        return {field: posted[name] for field in KIND_OF if (name := self.name(field)) in posted}

    def event(self, posted: dict[str, str]) -> str:
        """Return the field whose event a page posted: the one that it names, else the button that was pressed."""
        target = posted.get("__EVENTTARGET", "")
        for field, kind in KIND_OF.items():
            name = self.name(field)
            pressed = kind in ("btn", "ibt") and (name in posted or f"{name}.x" in posted)
            if target == name or (not target and pressed):
                return field
        return ""


def written(seed: str, kept: dict[str, str]) -> str:
    """Write the __VIEWSTATE of a page: its seed, and what the server wants back with the next post."""
    data = json.dumps([seed, kept], separators=(",", ":")).encode()
    return _BEGINNING + base64.b64encode(data).decode("ascii")


def read(viewstate: str) -> tuple[str, dict[str, str]]:
    """Read a __VIEWSTATE; one that isn't ours holds nothing."""
    try:
        seed, kept = json.loads(base64.b64decode(viewstate.removeprefix(_BEGINNING), validate=True))
        return str(seed), {str(key): str(value) for key, value in kept.items()}
    except (binascii.Error, ValueError, TypeError, AttributeError):
        return "", {}
