"""One request as sheets, planilla and report show it: a line with names and numbers, no document and no phone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

from robot.masking import Masker
from robot.records import plazos
from robot.records.caso import Caso
from robot.records.journal import Entry
from robot.records.store.cases import Row
from robot.records.story import Story, tell
from robot.settings import BOGOTA

ESTADOS: dict[str, str] = {
    "en_duda": "En duda",
    "incompleto": "Incompleto",
    "fallido": "Fallido",
    "rechazado": "Rechazado",
    "en_curso": "En curso",
    "en_cola": "En cola",
    "esperando_pago": "Esperando pago",
    "terminado": "Terminado",
    "cancelado": "Cancelado",
}
"""Every state, those that need a person first."""
TONOS: dict[str, str] = {
    "en_duda": "duda",
    "incompleto": "duda",
    "fallido": "mal",
    "rechazado": "mal",
    "en_curso": "espera",
    "en_cola": "espera",
    "esperando_pago": "espera",
    "terminado": "bien",
    "cancelado": "neutro",
}
ETAPAS: dict[str, str] = {"cobro": "Cobro", "tramite": "Trámite"}
DE_UNA_PERSONA = frozenset({"en_duda", "incompleto", "fallido", "rechazado"})
CERRADOS = frozenset({"terminado", "rechazado", "fallido", "cancelado"})

HUELLA: Final = 16
"""How much of a journal's head is printed, in hexadecimal digits: 64 bits."""
_MASKER = Masker()  # by form: a reason quotes what Serviweb said


@dataclass(frozen=True, kw_only=True)
class Linea:
    """One request. Times carry their zone; `vence` is set while the robot's own work runs against the clock."""

    caso: str
    codigo: str
    estado: str
    creado: datetime
    cambiado: datetime
    fila: int | None = None
    ruta: str = ""
    suscriptor: str = ""
    asesor: str = ""
    etapa: str = "cobro"
    factura: str = ""
    recibo: str = ""
    radicado: str = ""
    total: int | None = None
    pagado: datetime | None = None
    radicado_en: datetime | None = None
    vence: datetime | None = None
    reconectar: datetime | None = None
    responder: datetime | None = None
    motivo: str = ""
    que_hacer: str = ""
    segundos: float | None = None
    carpeta: Path | None = None
    cabeza: str = ""
    pago_por_ver: bool = False
    """A payment that the case didn't wait for, or that Serviweb doesn't show: a person must look at it."""
    entradas: int = 0

    @property
    def sello(self) -> str:
        """Return the journal's head as it is printed, "" for a case that hasn't begun (robot/records/impresos.py)."""
        return f"{self.caso} · {self.entradas} · {self.cabeza[:HUELLA]}" if self.cabeza else ""

    @property
    def abierto(self) -> bool:
        """Say whether something is still to be done."""
        return self.estado not in CERRADOS

    @property
    def de_una_persona(self) -> bool:
        """Say whether a person must do something before it goes on, or about its money."""
        return self.estado in DE_UNA_PERSONA or self.pago_por_ver

    def vencida(self, ahora: datetime) -> bool:
        """Say whether the clock of what is still to be done has run out."""
        return self.vence is not None and ahora > self.vence


def linea_de(
    caso: Caso, *, fila: int | None = None, horas: float = plazos.HORAS_RECONEXION, dias: int = plazos.DIAS_PQR
) -> Linea:
    """Return the line of a begun case as its journal tells it, with the clocks of its payment and its radicado."""
    story = tell(caso.entries)
    numbers = caso.documents()
    state = story.state if caso.estado not in ("en_curso", "terminado", "esperando_pago") else {}
    state, looks = _about_payment(story, caso.estado) or (state, False)
    payment = caso.payment()
    paid = plazos.desde_pago(payment) if payment else None
    filed = _confirmed(caso.entries, "tramite") if "tramite" in numbers else None
    reconnect = plazos.reconexion(paid, horas=horas).vence if paid else None
    spent = [run.seconds for run in story.runs if run.seconds is not None]
    return Linea(
        caso=caso.id,
        fila=fila,
        codigo=caso.codigo,
        ruta=str(caso.opened.get("ruta") or ""),
        suscriptor=story.subscriber,
        asesor=str(caso.opened.get("pedido_por") or ""),
        etapa=caso.etapa,
        estado=caso.estado,
        factura=numbers.get("factura", ""),
        recibo=numbers.get("abono", ""),
        radicado=numbers.get("tramite", ""),
        total=caso.what("factura").get("total") if "factura" in numbers else None,
        creado=_time(caso.opened),
        cambiado=caso.changed(),
        pagado=paid,
        radicado_en=filed,
        vence=None if filed or caso.estado in CERRADOS else reconnect,
        reconectar=reconnect,
        responder=plazos.respuesta(filed, dias=dias).vence if filed else None,
        motivo=_MASKER.text(str(state.get("reason") or "")),
        que_hacer=_MASKER.text(str(state.get("que_hacer") or "")),
        segundos=sum(spent) if spent else None,
        carpeta=caso.folder,
        cabeza=str(caso.entries[-1]["hash"]),
        pago_por_ver=looks,
        entradas=len(caso.entries),
    )


def _about_payment(story: Story, estado: str) -> tuple[Entry, bool] | None:
    """Return why and what to do where a person must look at a payment, before anything else of the case."""
    for odd in story.unexpected:
        if odd["n"] not in story.attended:
            told = f"Pagaron el recibo {odd['recibo']} y nadie lo esperaba: {odd['motivo']}"
            return {"reason": told, "que_hacer": odd["que_hacer"]}, True
    if estado == "esperando_pago" and story.checked and not story.checked["pagado"]:
        return story.state, True
    return None


def linea_de_fila(
    row: Row,
    caso: Caso,
    *,
    fila: int | None = None,
    horas: float = plazos.HORAS_RECONEXION,
    dias: int = plazos.DIAS_PQR,
) -> Linea:
    """Return the line of a case of the database: its state is the row's, also before its first run."""
    estado, etapa = str(row["estado"]), str(row["etapa"])
    motivo, que_hacer = _MASKER.text(row["motivo"]), _MASKER.text(row["que_hacer"])
    if not caso.entries:
        return Linea(
            caso=caso.id,
            fila=fila,
            codigo=row["codigo"],
            ruta=row["ruta"],
            suscriptor=row["suscriptor"],
            asesor=row["asesor"],
            etapa=etapa,
            estado=estado,
            creado=datetime.fromisoformat(row["creado"]),
            cambiado=datetime.fromisoformat(row["cambiado"]),
            motivo=motivo,
            que_hacer=que_hacer,
        )
    found = linea_de(caso, fila=fila, horas=horas, dias=dias)
    if (found.estado, found.etapa) == (estado, etapa):
        return found
    due = None if found.radicado_en or estado in CERRADOS else found.reconectar
    found = replace(found, estado=estado, etapa=etapa, vence=due, motivo=motivo, que_hacer=que_hacer)
    if payment := _about_payment(tell(caso.entries), estado):
        state, looks = payment
        return replace(found, motivo=state["reason"], que_hacer=state["que_hacer"], pago_por_ver=looks)
    return replace(found, pago_por_ver=False)


def del_dia(lineas: Iterable[Linea], dia: date, ahora: datetime) -> list[Linea]:
    """Return the lines in which something happened that day; of today also those from before that aren't closed."""
    is_today = dia == ahora.astimezone(BOGOTA).date()
    return [linea for linea in lineas if _moved(linea, dia) or (is_today and (linea.abierto or linea.pago_por_ver))]


def radicadas(lineas: Iterable[Linea], dia: date) -> list[Linea]:
    """Return the lines whose radicado is of that day, in the order in which they were filed."""
    found = [(linea.radicado_en, linea) for linea in lineas if linea.radicado and linea.radicado_en]
    of_the_day = [(at, linea) for at, linea in found if at.astimezone(BOGOTA).date() == dia]
    return [linea for _, linea in sorted(of_the_day, key=lambda pair: (pair[0], pair[1].caso))]


def por_vencer(lineas: Iterable[Linea]) -> list[Linea]:
    """Return the lines by due time, overdue first; then those that need a person; then the rest, the newest first."""
    order = list(ESTADOS)

    def key(linea: Linea) -> tuple[float, bool, int, float]:
        due = linea.vence.timestamp() if linea.vence else float("inf")
        return due, not linea.de_una_persona, order.index(linea.estado), -linea.cambiado.timestamp()

    return sorted(lineas, key=key)


def _moved(linea: Linea, dia: date) -> bool:
    moments = (linea.creado, linea.cambiado, linea.pagado, linea.radicado_en)
    return any(moment.astimezone(BOGOTA).date() == dia for moment in moments if moment)


def _time(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry["t"])


def _confirmed(entries: list[Entry], kind: str) -> datetime | None:
    """Return when the last document of that kind was confirmed."""
    found = [e for e in entries if e["event"] == "effect.confirmed" and e["kind"] == kind]
    return _time(found[-1]) if found else None
