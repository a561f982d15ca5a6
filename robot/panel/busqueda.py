"""A filter of cases in an address: what stands there, what it asks for, and what must never stand there.

A document or a phone comes by a form alone and goes on as its keyed hash (`x`); names, codes and numbers are text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams

from robot.panel.contexto import Panel
from robot.panel.indexacion import al_dia
from robot.records.store import buscador
from robot.records.store.listado import Filtro
from robot.records.store.schema import ESTADOS, ETAPAS
from robot.text import plain

TEXTS: Final = ("q", "etapa", "asesor", "desde", "hasta", "movido", "clase", "lote")
_HASHES: Final = re.compile(r"[0-9a-f]{64}(?:\.[0-9a-f]{64})?")
_LOT: Final = re.compile(r"L-[0-9A-Z]{7}", re.IGNORECASE)
YEARS: Final = range(2000, 2101)
"""Of the days that may be asked for: beyond, a day's end may be none."""
Given = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Consulta:
    """What an address asks of the list."""

    estados: tuple[str, ...] = ()
    x: str = ""
    q: str = ""
    etapa: str = ""
    asesor: str = ""
    desde: str = ""
    hasta: str = ""
    movido: str = ""
    clase: str = ""
    lote: str = ""

    @property
    def direccion(self) -> str:
        """Return it as an address has it, «» for nothing asked."""
        pairs = [("estado", estado) for estado in self.estados]
        pairs += [(name, value) for name in ("x", *TEXTS) if (value := getattr(self, name))]
        return urlencode(pairs)

    @property
    def elegidos(self) -> int:
        """Return how many of its filters besides the text are set."""
        return bool(self.estados) + sum(bool(getattr(self, name)) for name in TEXTS if name != "q")

    def notas(self) -> dict[str, Any]:
        """Return what the audit journal may hold of it: no text that somebody typed."""
        texto = "exacto" if self.x else "nombre o número" if self.q else ""
        told = {name: getattr(self, name) for name in TEXTS if name not in ("q", "clase")}
        return {name: value for name, value in {**told, "estados": list(self.estados), "texto": texto}.items() if value}


def leida(given: QueryParams | FormData) -> Consulta:
    """Read what stands in an address or a form; what makes no sense is left out."""

    def one(name: str, known: Sequence[str] = ()) -> str:
        value = plain(str(given.get(name, "")))[:120]
        return value if not known or value in known else ""

    states = tuple(estado for estado in ESTADOS if estado in given.getlist("estado"))
    lot, hashes = one("lote").upper(), str(given.get("x", ""))  # of two hashes the text is longer than any typed one
    return Consulta(
        estados=states,
        x=hashes if _HASHES.fullmatch(hashes) else "",
        q=one("q"),
        etapa=one("etapa", ETAPAS),
        asesor=one("asesor"),
        clase=one("clase"),
        lote=lot if _LOT.fullmatch(lot) else "",
        **{name: _day(one(name)) for name in ("desde", "hasta", "movido")},
    )


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ""
    return day.isoformat() if day.year in YEARS else ""


def sin_datos(panel: Panel, asked: Consulta) -> Consulta:
    """Return the question as an address may hold it: a document or a phone that names no case as its hash."""
    text = asked.q
    if not text:
        return asked
    if _LOT.fullmatch(text):
        return replace(asked, q="", x="", lote=text.upper())
    asked = replace(asked, x="")
    if not buscador.parece_privado(text):
        return asked
    al_dia(panel)
    found = buscador.buscar(panel.store, panel.boveda, text)
    return asked if found.ids is not None else replace(asked, q="", x=".".join(found.huellas) or "0" * 64)


def filtro_de(panel: Panel, asked: Consulta, *, asesor: str = "") -> Filtro:
    """Return the filter that a question means; of one advisor's cases alone where one is given."""
    filtro = Filtro(
        estados=asked.estados,
        etapa=asked.etapa,
        asesor=asesor or asked.asesor,
        desde=date.fromisoformat(asked.desde) if asked.desde else None,
        hasta=date.fromisoformat(asked.hasta) if asked.hasta else None,
        movido=date.fromisoformat(asked.movido) if asked.movido else None,
        clase=asked.clase,
        lote=asked.lote,
        huellas=tuple(asked.x.split(".")) if asked.x else (),
    )
    al_dia(panel)
    if not asked.q:
        return filtro
    found = buscador.buscar(panel.store, panel.boveda, asked.q)
    return replace(
        filtro,
        ids=found.ids,
        palabras=found.palabras,
        prefijo=found.prefijo,
        huellas=found.huellas or filtro.huellas,
    )
