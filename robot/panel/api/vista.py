"""Cases as programs see them, and requests as they send them."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from robot.masking import Masker
from robot.panel.api import modelos
from robot.panel.api.fallas import FallaError, campos_of
from robot.panel.api.modelos import Campo, Caso, Pagado
from robot.panel.contexto import Panel
from robot.panel.palabras import en_pantalla
from robot.records.caso import NOMBRE_ESTADO
from robot.records.reserva import sin_nombres
from robot.records.solicitud import Formats, Solicitud, problems
from robot.records.store.clientes import Cliente
from robot.records.store.fichas import Ficha, fichas

_masker: Final = Masker()  # by form: a reason quotes what Serviweb said


def caso_of(ficha: Ficha) -> Caso:
    """Return a case as programs see it."""
    row, paid = ficha.row, ficha.pago
    return Caso(
        id=row["id"],
        estado=row["estado"],
        estado_texto=NOMBRE_ESTADO[row["estado"]],
        etapa=row["etapa"],
        codigo=row["codigo"],
        solicitud=row["referencia"] or None,
        lote=row["lote"],
        factura=ficha.numeros.get("factura"),
        recibo=ficha.numeros.get("abono"),
        radicado=ficha.numeros.get("tramite"),
        total=ficha.total,
        pago=Pagado(recibo=paid["recibo"], fecha=paid["fecha"], valor=paid["valor"]) if paid else None,
        papeles=ficha.papeles,
        motivo=sin_nombres(en_pantalla(_masker.text(row["motivo"]))) or None,
        que_hacer=en_pantalla(_masker.text(row["que_hacer"])) or None,
        creado=row["creado"],
        cambiado=row["cambiado"],
    )


def visible(panel: Panel, cliente: Cliente, caso: str) -> Caso:
    """Return a case that a program may see. Raises 404 for any other, whether it exists or not."""
    found = fichas(panel.store, [caso])
    if not found or not cliente.may_see(found[0].row["asesor"]):
        raise _unknown(caso)
    return caso_of(found[0])


def own(panel: Panel, cliente: Cliente, caso: str) -> Caso:
    """Return a case that a program may act on: one that it made. Raises 404 for any other, also where it may see it."""
    found = fichas(panel.store, [caso])
    if not found or found[0].row["asesor"] != cliente.quien:
        raise _unknown(caso)
    return caso_of(found[0])


def _unknown(caso: str) -> FallaError:
    return FallaError(404, f"No existe el caso {caso}", "Revise la marca, por ejemplo R-7K3QF2M.")


def checked(panel: Panel, data: dict[str, Any]) -> tuple[Solicitud | None, list[Campo]]:
    """Return a request, or every fault of it: of its shape, and of what it says."""
    if not all(modelos.keepable(value) for value in (*data, *data.values())):
        return None, [Campo(campo="cuerpo", problema="trae caracteres que no se pueden guardar")]
    settings = panel.settings
    solicitud, wrong = problems(data, Formats(codigo=settings.patron_codigo, ruta=settings.patron_ruta))
    found = [Campo(campo=one.field, problema=one.message) for one in wrong]
    try:
        modelos.Solicitud.model_validate(data, strict=True)
    except ValidationError as error:
        known = {campo.campo for campo in found}
        found += [campo for campo in campos_of(error.errors()) if campo.campo not in known]
    return (None, found) if found else (solicitud, [])
