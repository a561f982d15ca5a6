"""The read-only lists of a subscriber: facturas, recibos, trámites. No documented step (design: *Baseline*)."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from playwright.async_api import expect

from flows.datos import Trabajo
from robot.browser.run import Run, Step
from robot.errors import OutcomeUnknown, PaymentUnconfirmed, Rejected, StepFailed
from robot.records.busqueda import NAMES, Documento, appeared, repeated, unpaid
from robot.records.pagado import en_facturas, en_recibos
from robot.text import pesos, plain

_BOGOTA = ZoneInfo("America/Bogota")
_LISTS = {"factura": "facturas", "abono": "recibos", "tramite": "trámites"}
_MOST_PAGES = 100


def has_lists(run: Run, kind: str) -> bool:
    """Say whether the map has the screen that lists documents of this kind. The tercero needs none."""
    return kind in _LISTS and "consulta" in run.maps.screens


async def consultar(run: Run, kind: str, codigo: str) -> list[Documento]:
    """Return the subscriber's facturas, abonos or trámites as Serviweb lists them, of every page of the list."""
    async with run.lookup(f"Consulta de {_LISTS[kind]}") as paso:
        rows = await _PANTALLAS[kind](run, paso, codigo)
        paso.read("Documentos", ", ".join(row.numero for row in rows) or "ninguno")
        return rows


async def partir(run: Run, trabajo: Trabajo, kind: str, *, factura: str = "") -> None:
    """Read and keep the subscriber's documents of this kind before its screen is opened: the baseline.

    Raises `Rejected` when one like ours stands there that isn't ours, or an older unpaid factura (D13), and
    `OutcomeUnknown` when a document of this very case appears that the case doesn't know of.
    """
    if not trabajo.consulta_previa or not has_lists(run, kind):
        return
    codigo = trabajo.solicitud.codigo
    current = await consultar(run, kind, codigo)
    own = trabajo.numeros.get(kind)
    expected = trabajo.esperado(kind, factura=factura)
    if found := appeared(
        expected, baseline=trabajo.partidas.get(kind), current=current, own=own, owner=lambda n: run.owner(kind, n)
    ):
        reason = f"Serviweb ya muestra {NAMES[kind]} {found}, que puede ser de este caso"
        run.doubt(kind, reason, number=found)
        raise OutcomeUnknown(reason, remedy=f"Véalo en Serviweb y use «serviweb resolver {trabajo.caso} --existe …».")
    if not trabajo.solicitud.nueva_ocasion and (
        sentence := repeated(expected, current, own=own, now=datetime.now(UTC), dias_duplicado=trabajo.dias_duplicado)
    ):
        raise Rejected(
            f"El suscriptor {codigo}: {sentence}",
            remedy="Véala en Serviweb. Si de verdad es otra reconexión, indique --nueva-ocasion con el motivo.",
        )
    if kind == "factura" and (older := unpaid(current, own=own)):
        raise Rejected(
            f"El suscriptor {codigo} tiene otra factura pendiente: {', '.join(older)}",
            remedy="El abono la cobraría también. Resuélvala en Serviweb (pago o financiación) y vuelva a ejecutar.",
        )
    run.baseline(kind, [row.as_entry(trabajo.caso) for row in current])


async def comprobar_pago(run: Run, trabajo: Trabajo) -> None:
    """Read in Serviweb whether the receipt that a person saw is paid, before the trámite begins (D4).

    Nothing is read where the map has no lists, or they don't say what is paid. Raises `PaymentUnconfirmed`.
    """
    visto = trabajo.pago
    if visto is None or not trabajo.consulta_previa or not has_lists(run, "abono"):
        return
    ui = run.screen("consulta")
    if run.control(ui["recibo_estado"]).pattern is None:
        return
    codigo = trabajo.solicitud.codigo
    leido = en_recibos(visto, await consultar(run, "abono", codigo))
    if not leido.pagado and visto.otro_recibo and run.control(ui["factura_estado"]).pattern:
        leido = en_facturas(visto, await consultar(run, "factura", codigo), leido)
    run.payment(visto.recibo, pagado=leido.pagado, estado=leido.estado, valor=leido.valor, reason=leido.motivo)
    if not leido.pagado:
        raise PaymentUnconfirmed(
            f"El pago no está confirmado: {leido.motivo}",
            remedy=f"Compruébelo en la caja. Cuando Serviweb lo muestre pagado: serviweb pago {trabajo.caso} … con los "
            "datos del recibo; si eran otros, con los correctos.",
        )


async def _facturas(run: Run, paso: Step, codigo: str) -> list[Documento]:
    ui = run.screen("consulta")
    await run.menu(ui["menu_suscriptor"], ui["opcion_facturas"])
    await run.appear(ui["titulo_facturas"])

    async def filas() -> list[Documento]:
        await run.appear(ui["factura_numero"].or_(ui["sin_registros"]), at_least=1)
        columns = await run.rows(
            ui["facturas"],
            ui["factura_numero"],
            ui["factura_fecha"],
            ui["factura_productos"],
            ui["factura_total"],
            ui["factura_estado"],
            ui["factura_usuario"],
            ui["factura_observacion"],
        )
        open_word = run.control(ui["factura_estado"]).pattern
        return [
            Documento(
                numero=numero,
                fecha=_fecha(fecha),
                productos=tuple(plain(p) for p in productos.split("·")),
                total=_valor(total),
                estado=estado,
                abierto=bool(open_word and open_word.search(estado)),
                usuario=usuario,
                observacion=observacion,
            )
            for numero, fecha, productos, total, estado, usuario, observacion in columns
        ]

    return await _paginas(run, paso, codigo, filas)


async def _recibos(run: Run, paso: Step, codigo: str) -> list[Documento]:
    ui = run.screen("consulta")
    await run.menu(ui["menu_recaudo"], ui["opcion_recibos"])
    await run.appear(ui["titulo_recibos"])

    async def filas() -> list[Documento]:
        await run.appear(ui["recibo_numero"].or_(ui["sin_registros"]), at_least=1)
        columns = await run.rows(
            ui["recibos"],
            ui["recibo_numero"],
            ui["recibo_fecha"],
            ui["recibo_facturas"],
            ui["recibo_valor"],
            ui["recibo_estado"],
            ui["recibo_usuario"],
        )
        paid_word = run.control(ui["recibo_estado"]).pattern
        return [
            Documento(
                numero=numero,
                fecha=_fecha(fecha),
                facturas=tuple(facturas.replace(",", " ").split()),
                total=_valor(valor),
                estado=estado,
                pagado=bool(paid_word.search(estado)) if paid_word else None,
                usuario=usuario,
            )
            for numero, fecha, facturas, valor, estado, usuario in columns
        ]

    return await _paginas(run, paso, codigo, filas)


async def _tramites(run: Run, paso: Step, codigo: str) -> list[Documento]:
    ui = run.screen("consulta")
    await run.menu(ui["menu_pqr"], ui["opcion_tramites"])
    await run.appear(ui["titulo_tramites"])

    async def filas() -> list[Documento]:
        await run.appear(ui["tramite_numero"].or_(ui["sin_registros"]), at_least=1)
        columns = await run.rows(
            ui["tramites"],
            ui["tramite_numero"],
            ui["tramite_fecha"],
            ui["tramite_causal"],
            ui["tramite_estado"],
            ui["tramite_usuario"],
            ui["tramite_observacion"],
        )
        return [
            Documento(
                numero=numero,
                fecha=_fecha(fecha),
                causal=causal,
                estado=estado,
                usuario=usuario,
                observacion=observacion,
            )
            for numero, fecha, causal, estado, usuario, observacion in columns
        ]

    return await _paginas(run, paso, codigo, filas)


_PANTALLAS: dict[str, Callable[[Run, Step, str], Awaitable[list[Documento]]]] = {
    "factura": _facturas,
    "abono": _recibos,
    "tramite": _tramites,
}


async def _paginas(
    run: Run, paso: Step, codigo: str, filas: Callable[[], Awaitable[list[Documento]]]
) -> list[Documento]:
    """Ask for the subscriber and read every page of the answer. An unknown subscriber has no documents."""
    ui = run.screen("consulta")
    await expect(ui["codigo"]).to_have_value("")  # the form is new: what it shows next answers our question
    await ui["codigo"].fill(codigo)
    await ui["consultar"].click()
    if await run.either(ui["suscriptor"], ui["aviso"]) == "aviso":
        text = paso.read("Aviso", await run.text(ui["aviso"]))
        pattern = run.control(ui["aviso"]).pattern
        if pattern is None or not pattern.search(text):
            raise StepFailed(f"Serviweb muestra el aviso «{text}»", control="consulta.aviso")
        return []
    await expect(ui["codigo"]).to_have_value(codigo)
    rows: dict[str, Documento] = {}
    for page in range(1, _MOST_PAGES + 1):
        await run.loaded()  # half a list would make an old document look new
        for row in await filas():
            rows.setdefault(row.numero, row)
        if ui.declared("siguiente") is None or not await ui["siguiente"].count():
            return list(rows.values())
        await ui["siguiente"].click()
        await _pagina(run, page + 1)
    raise StepFailed(f"La lista de Serviweb tiene más de {_MOST_PAGES} páginas")


async def _pagina(run: Run, number: int) -> None:
    """Wait until the list shows that page."""
    ui = run.screen("consulta")
    declared = ui.declared("pagina")
    pattern = declared.pattern if declared else None
    if pattern is None:
        raise StepFailed("Al control [pagina] del mapa le falta «pattern»", control="consulta.pagina")
    pagina = ui["pagina"]
    await run.reads(pagina, lambda text: bool((found := pattern.search(text)) and found[1] == str(number)))


def _fecha(text: str) -> datetime | None:
    """Return a day, or a day with its hour, as Serviweb writes it; another form counts as not shown."""
    for form in ("%d/%m/%Y %H:%M", "%d/%m/%Y"):
        try:
            return datetime.strptime(plain(text), form).replace(tzinfo=_BOGOTA)
        except ValueError:
            continue
    return None


def _valor(text: str) -> int:
    try:
        return pesos(text)
    except ValueError as error:
        raise StepFailed(f"No se puede leer un valor de la lista: {error}") from error
