"""The command `serviweb`: the composition root. Heavy parts are imported where a command needs them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError

from robot import __version__
from robot.errors import RobotError, SettingsError
from robot.spanish import Command, Group, usage_error

USAGE_EXIT_CODE = 64
INTERRUPTED_EXIT_CODE = 130

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Robot que hace en Serviweb los clics documentados de la reconexión del servicio, y nunca cobra dos veces.",
    epilog="Códigos de salida: 0 bien · 2 ajustes · 3 rechazado · 4 falló sin enviar · 5 pantalla cambiada · 6 en duda "
    "· 7 incompleto · 8 Serviweb no responde · 9 otro proceso tiene el caso · 10 diario alterado · 11 en cuarentena · "
    "12 hay diferencias · 64 mal escrito · 130 interrumpido.",
)


class FormaPago(StrEnum):
    """How the customer pays (paso 5)."""

    contado = "contado"
    credito = "credito"


class Arreglo(StrEnum):
    """The arrangement of paso 2."""

    acuerdo = "acuerdo"
    diligencia = "diligencia"
    sin_deuda = "sin-deuda"


Json = Annotated[bool, typer.Option("--json", help="Escribe un solo objeto JSON y nada más.")]
Visible = Annotated[bool, typer.Option("--visible", help="Muestra el navegador mientras trabaja.")]
Asistido = Annotated[bool, typer.Option("--asistido", help="Muestra el navegador y pregunta antes de cada guardado.")]
Caso = Annotated[str, typer.Argument(metavar="CASO", help="Marca del caso (R-…), recibo, factura o código.")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"serviweb-robot {__version__}")
        raise typer.Exit


@app.callback()
def serviweb(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Muestra la versión y termina.")
    ] = False,
) -> None:
    """Robot que hace en Serviweb los clics documentados de la reconexión del servicio, y nunca cobra dos veces."""


@app.command(cls=Command, short_help="Muestra todo el trabajo en un Serviweb de prueba incluido.")
def demo(
    carpeta: Annotated[Path, typer.Option(help="Dónde quedan el caso y sus papeles.")] = Path("serviweb-demo"),
    visible: Visible = False,
    panel: Annotated[bool, typer.Option("--panel", help="Al terminar, abre el panel con los casos.")] = False,
) -> None:
    """Muestra todo el trabajo con un suscriptor de prueba, en un Serviweb de prueba que viene incluido."""
    from functools import partial

    from robot.demo import run_demo
    from robot.panel.demostracion import offer

    run_demo(carpeta, visible=visible, then=partial(offer, wanted=panel))


@app.command(cls=Command, short_help="Inicia el Serviweb de prueba en este equipo.")
def mock(
    puerto: Annotated[int, typer.Option(help="Puerto; 0 toma uno libre.")] = 0,
    variante: Annotated[str, typer.Option(metavar="NOMBRE", help="Con qué páginas: vea mock_serviweb/README.md.")] = "",
    control: Annotated[bool, typer.Option("--control", help="Abre el control para pruebas (fallas y libro).")] = False,
) -> None:
    """Inicia el Serviweb de prueba en este equipo; se detiene con Ctrl-C."""
    from robot.mock import run_mock

    raise typer.Exit(run_mock(puerto, variant=variante, control=control))


@app.command(cls=Command, short_help="Factura y genera el recibo: pasos 3 a 22 bis.")
def reconexion(
    contexto: typer.Context,
    codigo: Annotated[str, typer.Argument(metavar="CODIGO", help="Código del suscriptor.")],
    ruta: Annotated[str, typer.Option(help="Ruta de lectura, por ejemplo 01-383.")],
    documento: Annotated[
        str, typer.Option(metavar="[TIPO:]N", help="Documento de quien solicita: CC, NIT, CE, TI, PP.")
    ],
    nombres: Annotated[str, typer.Option(help="Nombres de quien solicita, o razón social.")],
    celular: Annotated[str, typer.Option(help="Celular de quien solicita.")],
    forma_pago: Annotated[FormaPago, typer.Option(metavar="contado|credito", help="Forma de pago (paso 5).")],
    concepto: Annotated[str, typer.Option(help="Concepto de la factura (pasos 13 y 29).")],
    medidor: Annotated[bool, typer.Option("--medidor/--sin-medidor", help="Si el usuario cuenta con medidor.")],
    arreglo: Annotated[
        Arreglo, typer.Option(metavar="acuerdo|diligencia|sin-deuda", help="Arreglo de deuda que se hizo (paso 2).")
    ],
    apellidos: Annotated[str, typer.Option(help="Apellidos de quien solicita.")] = "",
    suscriptor: Annotated[str, typer.Option(help="Nombre del suscriptor, para comprobarlo.")] = "",
    arreglo_ref: Annotated[str, typer.Option(help="Referencia del acuerdo o de la diligencia.")] = "",
    solicitud: Annotated[str, typer.Option(help="Referencia propia de la solicitud.")] = "",
    nueva_ocasion: Annotated[str, typer.Option(metavar="MOTIVO", help="Motivo para otra reconexión reciente.")] = "",
    ensayo: Annotated[bool, typer.Option("--ensayo", help="Llega hasta Guardar y no guarda nada.")] = False,
    asistido: Asistido = False,
    visible: Visible = False,
    json: Json = False,
) -> None:
    """Factura la reconexión y genera el recibo: pasos 3 a 22 bis. Termina con lo que el usuario debe pagar en caja."""
    if ensayo and asistido:
        raise UsageError("Use --ensayo o --asistido, no los dos: un ensayo no guarda nada que aprobar", ctx=contexto)
    from robot.office import reconexion as work

    kind, _, number = documento.rpartition(":")
    request = {
        "codigo": codigo,
        "ruta": ruta,
        "suscriptor": suscriptor,
        "tipo_documento": kind or "CC",
        "documento": number,
        "nombres": nombres,
        "apellidos": apellidos,
        "celular": celular,
        "forma_pago": forma_pago.value,
        "concepto": concepto,
        "medidor": medidor,
        "arreglo": arreglo.value,
        "arreglo_ref": arreglo_ref,
        "solicitud": solicitud,
        "nueva_ocasion": nueva_ocasion,
    }
    _finish(work, request, rehearsal=ensayo, asistido=asistido, visible=visible, json=json)


Recibo = Annotated[str, typer.Option(help="Número del recibo cancelado en caja.")]
Fecha = Annotated[str, typer.Option(help="Fecha del pago, dd/mm/aaaa.")]
Valor = Annotated[str, typer.Option(help="Valor pagado, en pesos.")]
OtroRecibo = Annotated[str, typer.Option(metavar="MOTIVO", help="Motivo, si pagó con otro recibo.")]


@app.command(cls=Command, short_help="Registra el pago y radica: pasos 23 a 31.")
def tramite(
    caso: Caso,
    recibo: Recibo,
    fecha: Fecha,
    valor: Valor = "",
    otro_recibo: OtroRecibo = "",
    asistido: Asistido = False,
    visible: Visible = False,
    json: Json = False,
) -> None:
    """Registra el pago que usted vio (paso 23) y radica el trámite: pasos 24 a 31."""
    from robot.pagos import tramite as work

    paid = {"recibo": recibo, "fecha": fecha, "valor": valor, "otro_recibo": otro_recibo}
    _finish(work, caso, **paid, asistido=asistido, visible=visible, json=json)


@app.command(cls=Command, short_help="Registra el pago; la cola radica el trámite.")
def pago(
    caso: Caso,
    recibo: Recibo,
    fecha: Fecha,
    valor: Valor = "",
    otro_recibo: OtroRecibo = "",
    json: Json = False,
) -> None:
    """Registra el pago que usted vio (paso 23); la cola radica el trámite por orden de plazo."""
    from robot.pagos import pago as work

    _finish(work, caso, recibo=recibo, fecha=fecha, valor=valor, otro_recibo=otro_recibo, json=json)


pagos = typer.Typer(cls=Group, rich_markup_mode=None, no_args_is_help=True, help="Pagos que vio la caja (paso 23).")
app.add_typer(pagos, name="pagos", short_help="Pagos que vio la caja (paso 23).")


@pagos.command("plantilla", cls=Command, short_help="Escribe un archivo vacío con sus columnas explicadas.")
def pagos_plantilla(
    archivo: Annotated[Path, typer.Argument(metavar="ARCHIVO", help="Nombre del .xlsx o .csv que se escribe.")] = Path(
        "pagos.xlsx"
    ),
) -> None:
    """Escribe un archivo de pagos vacío, con las columnas explicadas."""
    from robot.pagos import plantilla as work

    raise typer.Exit(work(archivo))


@pagos.command("cargar", cls=Command, short_help="Registra los pagos del listado de la caja.")
def pagos_cargar(
    archivo: Annotated[Path, typer.Argument(metavar="ARCHIVO", help="CSV o XLSX con los pagos de la caja.")],
    todo_o_nada: Annotated[bool, typer.Option("--todo-o-nada", help="Con un solo error no registra ninguno.")] = False,
    json: Json = False,
) -> None:
    """Registra los pagos del listado de la caja: cada recibo encuentra su caso, y la cola radica los trámites.

    Los recibos que no son de reconexiones se cuentan y no se tocan. Las filas con error quedan en ARCHIVO.errores.csv.
    """
    from robot.pagos import cargar as work

    _finish(work, archivo, todo_o_nada=todo_o_nada, json=json)


@pagos.command("lista", cls=Command, short_help="Muestra los pagos que una persona debe ver.")
def pagos_lista(json: Json = False) -> None:
    """Muestra los pagos que ningún caso esperaba y los que Serviweb no confirma."""
    from robot.pagos import lista as work

    _finish(work, json=json)


@pagos.command("atender", cls=Command, short_help="Registra que se atendió un pago que nadie esperaba.")
def pagos_atender(
    caso: Caso,
    motivo: Annotated[str, typer.Option(metavar="MOTIVO", help="Qué se hizo: queda en el diario del caso.")],
    recibo: Annotated[str, typer.Option(help="El recibo, si el caso tiene varios pagos por atender.")] = "",
    persona: Annotated[str, typer.Option(metavar="NOMBRE", help="Quién; si falta, el usuario de este equipo.")] = "",
    json: Json = False,
) -> None:
    """Registra que una persona atendió un pago que ningún caso esperaba: deja de mostrarse."""
    from robot.pagos import atender as work

    _finish(work, caso, recibo=recibo, persona=persona, motivo=motivo, json=json)


@app.command(cls=Command, short_help="Muestra los casos abiertos.")
def casos(
    esperando_pago: Annotated[bool, typer.Option("--esperando-pago", help="Solo los que esperan el pago.")] = False,
    json: Json = False,
) -> None:
    """Muestra los casos abiertos, desde cuándo están así y su plazo legal."""
    from robot.registro import casos as work

    _finish(work, esperando_pago=esperando_pago, json=json)


auditoria = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    invoke_without_command=True,
    help="Comprueba que cada diario esté íntegro y sea el mismo en la base de datos y en su carpeta.",
)
app.add_typer(auditoria, name="auditoria", short_help="Comprueba los diarios de todos los casos.")


@auditoria.callback()
def auditar(ctx: typer.Context, json: Json = False) -> None:
    """Comprueba que cada diario esté íntegro y sea el mismo en la base de datos y en su carpeta."""
    if ctx.invoked_subcommand is None:
        from robot.auditoria import auditoria as work

        _finish(work, json=json)


@auditoria.command(cls=Command, short_help="Comprueba los diarios, también contra lo impreso.")
def verificar(
    impreso: Annotated[
        list[Path] | None,
        typer.Option(metavar="ARCHIVO", help="Planilla, informe u hoja de resultados con huellas; puede repetirse."),
    ] = None,
    huella: Annotated[
        list[str] | None,
        typer.Option(metavar="CASO=HUELLA", help="Huella que se lee en un papel; puede repetirse."),
    ] = None,
    json: Json = False,
) -> None:
    """Comprueba que cada diario esté íntegro, sea el mismo en la base de datos y en su carpeta, y tenga lo impreso.

    A una cadena cortada en los dos lados solo la delata el papel: planilla e informe traen la huella de cada caso.
    """
    from robot.auditoria import auditoria as work

    _finish(work, impresos=impreso or [], huellas=huella or [], json=json)


@app.command(cls=Command, short_help="Sigue un caso incompleto o interrumpido.")
def continuar(caso: Caso, asistido: Asistido = False, visible: Visible = False, json: Json = False) -> None:
    """Sigue un caso incompleto o interrumpido desde el primer documento que falta."""
    from robot.office import continuar as work

    _finish(work, caso, asistido=asistido, visible=visible, json=json)


@app.command("caso", cls=Command, short_help="Muestra un caso y prepara su página.")
def show(
    caso: Caso,
    imagenes: Annotated[bool, typer.Option("--imagenes", help="Prepara la imagen de cada paso.")] = False,
    autocontenido: Annotated[
        bool, typer.Option("--autocontenido", help="Deja la página en un solo archivo, para llevarla a otro equipo.")
    ] = False,
    json: Json = False,
) -> None:
    """Muestra un caso y prepara su página."""
    from robot.office import caso as work

    _finish(work, caso, pictures=imagenes, self_contained=autocontenido, json=json)


@app.command(cls=Command, short_help="Muestra los casos en duda.")
def dudas(json: Json = False) -> None:
    """Muestra los casos en duda, con sus consultas e imágenes, y los documentos por anular."""
    from robot.dudas import dudas as work

    _finish(work, json=json)


Persona = Annotated[str, typer.Option(metavar="NOMBRE", help="Quién decide; si falta, el usuario de este equipo.")]
Motivo = Annotated[str, typer.Option(metavar="MOTIVO", help="Por qué: queda en el diario del caso.")]


class Papel(StrEnum):
    """The papers of a case (pasos 15, 22 bis, 31)."""

    solicitud_factura = "solicitud-factura"
    recibo_abono = "recibo-abono"
    solicitud_tramite = "solicitud-tramite"


@app.command(cls=Command, short_help="Adjunta un papel que se imprimió a mano.")
def adjuntar(
    caso: Caso,
    tipo: Annotated[Papel, typer.Argument(metavar="TIPO", help="solicitud-factura, recibo-abono o solicitud-tramite.")],
    archivo: Annotated[Path, typer.Argument(metavar="ARCHIVO", help="El PDF del papel, impreso desde Serviweb.")],
    sin_texto: Annotated[
        str, typer.Option(metavar="MOTIVO", help="Si el PDF es una imagen: usted comprobó el número a la vista.")
    ] = "",
    persona: Persona = "",
    json: Json = False,
) -> None:
    """Adjunta a un caso el papel que no se pudo imprimir: comprueba que sea el suyo y arma las dos copias."""
    from robot.papeles import adjuntar as work

    _finish(work, caso, tipo.value, archivo, sin_texto=sin_texto, persona=persona, json=json)


@app.command(cls=Command, short_help="Decide qué pasó con un documento en duda.")
def resolver(
    caso: Caso,
    motivo: Motivo,
    existe: Annotated[str, typer.Option(metavar="N", help="El documento existe y este es su número.")] = "",
    no_existe: Annotated[bool, typer.Option("--no-existe", help="El documento no existe en Serviweb.")] = False,
    doble: Annotated[tuple[str, str] | None, typer.Option(metavar="N1 N2", help="Serviweb lo tiene dos veces.")] = None,
    conserva: Annotated[str, typer.Option(metavar="N", help="Con --doble: el que se conserva.")] = "",
    codigo: Annotated[str, typer.Option(help="Con --no-existe: escriba el código del suscriptor.")] = "",
    confirma: Annotated[str, typer.Option(metavar="NOMBRE", help="Con --no-existe: la segunda persona.")] = "",
    persona: Persona = "",
    json: Json = False,
) -> None:
    """Decide qué pasó con el documento en duda de un caso, después de verlo en Serviweb."""
    from robot.dudas import resolver as work

    _finish(
        work,
        caso,
        existe=existe,
        no_existe=no_existe,
        doble=doble,
        conserva=conserva,
        motivo=motivo,
        codigo=codigo,
        confirma=confirma,
        persona=persona,
        json=json,
    )


@app.command(cls=Command, short_help="Cierra un caso cuyos documentos se anularon.")
def cerrar(
    caso: Caso,
    motivo: Motivo,
    anulada: Annotated[
        list[str] | None, typer.Option(metavar="N", help="Documento que ya se anuló en Serviweb; puede repetirse.")
    ] = None,
    persona: Persona = "",
    json: Json = False,
) -> None:
    """Registra los documentos anulados en Serviweb y cierra el caso cuando no queda ninguno."""
    from robot.dudas import cerrar as work

    _finish(work, caso, anulada=anulada or [], motivo=motivo, persona=persona, json=json)


@app.command(cls=Command, short_help="Saca la instalación de la cuarentena.")
def recuperar(
    motivo: Annotated[
        str, typer.Option(metavar="MOTIVO", help="Por qué se levanta la cuarentena; si falta, solo recupera y muestra.")
    ] = "",
    persona: Persona = "",
    aparte: Annotated[
        list[str] | None,
        typer.Option(metavar="CASO", help="Caso que no se pudo recuperar y que una persona aparta; puede repetirse."),
    ] = None,
    json: Json = False,
) -> None:
    """Tras restaurar una copia vieja: pasa a la base de datos lo que saben las carpetas y consulta lo que está en duda.

    Con --motivo levanta la cuarentena, si no quedó ningún caso con problema.
    """
    from robot.recuperacion import recuperar as work

    _finish(work, persona=persona, motivo=motivo, aparte=aparte or [], json=json)


Dia = Annotated[str, typer.Option(metavar="dd/mm/aaaa", help="El día; si falta, hoy.")]


@app.command(cls=Command, short_help="Escribe el informe del día para el supervisor.")
def informe(dia: Dia = "", json: Json = False) -> None:
    """Escribe la página y el libro de Excel con los casos del día, por estado, motivo y plazo."""
    from robot.revision import informe as work

    _finish(work, dia, json=json)


@app.command(cls=Command, short_help="Escribe la planilla de entrega de radicados.")
def planilla(dia: Dia = "", json: Json = False) -> None:
    """Escribe la planilla (PDF) con los radicados del día, para entregarla al supervisor de matrícula."""
    from robot.revision import planilla as work

    _finish(work, dia, json=json)


@app.command(cls=Command, short_help="Compara los casos del día con las consultas de Serviweb.")
def conciliar(dia: Dia = "", json: Json = False) -> None:
    """Compara los casos de un día con lo que Serviweb lista: lo que solo está aquí, solo allá, o es distinto.

    Solo lee. Deja un CSV y un libro de Excel en la carpeta del día; termina en 12 si hay diferencias.
    """
    from robot.conciliacion import conciliar as work

    _finish(work, dia, json=json)


cola = typer.Typer(cls=Group, rich_markup_mode=None, no_args_is_help=True, help="Casos por lotes, desde un archivo.")
app.add_typer(cola, name="cola", short_help="Casos por lotes, desde un archivo.")
Archivo = Annotated[Path, typer.Argument(metavar="ARCHIVO", help="CSV o XLSX de solicitudes.")]


@cola.command(cls=Command, short_help="Escribe un archivo vacío con sus columnas explicadas.")
def plantilla(
    archivo: Annotated[Path, typer.Argument(metavar="ARCHIVO", help="Nombre del .xlsx o .csv que se escribe.")] = Path(
        "solicitudes.xlsx"
    ),
) -> None:
    """Escribe un archivo de solicitudes vacío, con las columnas explicadas."""
    from robot.colas import plantilla as work

    raise typer.Exit(work(archivo))


@cola.command(cls=Command, short_help="Carga un archivo de solicitudes en la cola.")
def cargar(
    archivo: Archivo,
    todo_o_nada: Annotated[bool, typer.Option("--todo-o-nada", help="Con un solo error no carga ninguna.")] = False,
    json: Json = False,
) -> None:
    """Carga las filas buenas en la cola y escribe las demás en ARCHIVO.errores.csv, para corregirlas y cargarlas."""
    from robot.colas import cargar as work

    _finish(work, archivo, todo_o_nada=todo_o_nada, json=json)


@cola.command(cls=Command, short_help="Trabaja la cola hasta que no quede qué hacer.")
def trabajar(
    trabajadores: Annotated[
        int, typer.Option(min=0, help="Cuántos a la vez, cada uno con su usuario; 0: todos los de SERVIWEB_USUARIOS.")
    ] = 0,
    seguir: Annotated[bool, typer.Option("--seguir", help="Al terminar, espera casos nuevos.")] = False,
    visible: Visible = False,
    con_panel: Annotated[bool, typer.Option("--con-panel", hidden=True)] = False,
) -> None:
    """Trabaja los casos de la cola. Ctrl-C termina el documento en curso y para; otra vez, para antes de guardar."""
    from robot.colas import trabajar as work

    raise typer.Exit(work(trabajadores=trabajadores, seguir=seguir, visible=visible, con_panel=con_panel))


@cola.command("estado", cls=Command, short_help="Muestra cuántos casos hay en cada estado.")
def cola_estado(json: Json = False) -> None:
    """Muestra cuántos casos hay en cada estado y qué detiene la cola."""
    from robot.estado_cola import estado as work

    _finish(work, json=json)


@cola.command(cls=Command, short_help="No deja comenzar más casos.")
def pausar(motivo: Annotated[str, typer.Option(help="Por qué se pausa.")] = "") -> None:
    """Pausa la cola: los casos en curso terminan y no comienza ninguno más, en ningún equipo."""
    from robot.colas import pausar as work

    raise typer.Exit(work(motivo=motivo))


@cola.command(cls=Command, short_help="Deja comenzar casos otra vez.")
def reanudar() -> None:
    """Quita la pausa de la cola."""
    from robot.colas import reanudar as work

    raise typer.Exit(work())


@cola.command(cls=Command, short_help="Cancela un caso que no ha guardado nada.")
def cancelar(caso: Caso) -> None:
    """Cancela un caso: si está en la cola, enseguida; si está en curso, antes de guardar su próximo documento."""
    from robot.colas import cancelar as work

    raise typer.Exit(work(caso))


@cola.command(cls=Command, short_help="Deja que un usuario de Serviweb vuelva a entrar.")
def desbloquear(
    usuario: Annotated[str, typer.Argument(metavar="USUARIO", help="Usuario de Serviweb que el robot dejó de usar.")],
) -> None:
    """Deja que el robot use otra vez un usuario cuya contraseña falló dos veces, cuando ya la corrigió."""
    from robot.colas import desbloquear as work

    raise typer.Exit(work(usuario))


@cola.command(cls=Command, short_help="Escribe los resultados de un lote.")
def resultados(
    lote: Annotated[str, typer.Argument(metavar="LOTE", help="Nombre del lote, L-….")], json: Json = False
) -> None:
    """Escribe los resultados de un lote en CSV y XLSX: una línea por solicitud."""
    from robot.registro import resultados as work

    _finish(work, lote, json=json)


selectores = typer.Typer(
    cls=Group, rich_markup_mode=None, no_args_is_help=True, help="El mapa: dónde está cada control en las pantallas."
)
app.add_typer(selectores, name="selectores", short_help="El mapa: dónde está cada control.")
Mapa = Annotated[str, typer.Option(metavar="CARPETA", help="Carpeta del mapa; si falta, el de SERVIWEB_MAPA.")]


@selectores.command(cls=Command, short_help="Comprueba el mapa en Serviweb sin guardar nada.")
def revisar(
    mapa: Mapa = "",
    fijar: Annotated[bool, typer.Option("--fijar", help="Lo que se ve hoy queda como el aspecto bueno.")] = False,
    visible: Visible = False,
    json: Json = False,
) -> None:
    """Mira todas las pantallas con los envíos bloqueados y dice qué controles faltan, están dos veces o cambiaron.

    Deja un informe con imágenes en la carpeta de datos. Termina en 5 si el mapa ya no corresponde a Serviweb.
    """
    from robot.selectores import revisar as work

    _finish(work, mapa=mapa, fijar=fijar, visible=visible, json=json)


@selectores.command(cls=Command, short_help="Escribe en el mapa un candidato de la revisión.")
def aceptar(
    control: Annotated[str, typer.Argument(metavar="PANTALLA.CONTROL", help="El control, como factura.guardar.")],
    candidato: Annotated[int, typer.Option(min=1, metavar="N", help="Número del candidato en la última revisión.")],
    quien: Annotated[str, typer.Option(metavar="NOMBRE", help="Quién lo acepta: queda en la historia del mapa.")],
    motivo: Annotated[str, typer.Option(metavar="MOTIVO", help="Por qué: queda en la historia del mapa.")],
    mapa: Mapa = "",
    json: Json = False,
) -> None:
    """Escribe en el mapa el candidato que una persona vio en Serviweb; el robot nunca toma uno por sí mismo."""
    from robot.selectores import aceptar as work

    _finish(work, control, candidato=candidato, quien=quien, motivo=motivo, mapa=mapa, json=json)


@selectores.command(cls=Command, short_help="Hace un mapa: usted señala cada control en Serviweb.")
def aprender(
    mapa: Annotated[str, typer.Option(metavar="CARPETA", help="Carpeta del mapa; si no existe, se crea.")],
    url: Annotated[str, typer.Option(metavar="URL", help="Dirección de Serviweb; si falta, la de SERVIWEB_URL.")] = "",
    control: Annotated[str, typer.Option(metavar="PANTALLA.CONTROL", help="Enseña otra vez solo este.")] = "",
    segunda: Annotated[
        bool, typer.Option("--segunda", help="Lo que solo existe después de guardar: guarda de verdad, con su permiso.")
    ] = False,
    usuario: Annotated[str, typer.Option(metavar="USUARIO", help="Usuario de Serviweb.")] = "",
    quien: Annotated[str, typer.Option(metavar="NOMBRE", help="Quién enseña: queda en el mapa y su historia.")] = "",
) -> None:
    """Recorre Serviweb con usted y escribe el mapa con lo que señala; nada queda guardado en Serviweb sin su permiso.

    Se puede interrumpir con Ctrl-C y seguir después. Vea docs/mapear-un-serviweb.md.
    """
    from robot.aprender import aprender as work

    _finish(work, mapa=mapa, url=url, control=control, segunda=segunda, usuario=usuario, quien=quien, json=False)


@app.command("panel", cls=Command, short_help="Abre el panel web para asesores y supervisores.")
def panel_web(
    puerto: Annotated[int | None, typer.Option(min=0, max=65535, help="Puerto; 0 toma uno libre.")] = None,
    direccion: Annotated[str, typer.Option(help="Dirección en la que atiende; sin ella, solo este equipo.")] = "",
    sin_robot: Annotated[bool, typer.Option("--sin-robot", help="No trabaja la cola; lo hace otro proceso.")] = False,
    abrir: Annotated[bool, typer.Option("--abrir", help="Abre el navegador en el panel.")] = False,
) -> None:
    """Abre el panel web, donde los asesores piden y siguen casos y los supervisores los revisan; Ctrl-C lo detiene."""
    from robot.panel.orden import panel as work

    raise typer.Exit(work(puerto=puerto, direccion=direccion, sin_robot=sin_robot, abrir=abrir))


usuarios = typer.Typer(
    cls=Group, rich_markup_mode=None, no_args_is_help=True, help="Personas que entran al panel: roles y claves."
)
app.add_typer(usuarios, name="usuarios", short_help="Personas que entran al panel: roles y claves.")
UsuarioPanel = Annotated[str, typer.Argument(metavar="USUARIO", help="Usuario del panel.")]
Temporal = Annotated[
    bool, typer.Option("--temporal", help="Inventa una clave y la muestra una vez; al entrar debe cambiarla.")
]
ClaveDesdeEntrada = Annotated[
    bool, typer.Option("--clave-desde-entrada", help="Lee la clave de la entrada, sin preguntarla: para programas.")
]


class Rol(StrEnum):
    """What somebody may do in the panel."""

    asesor = "asesor"
    supervisor = "supervisor"
    administrador = "administrador"


@usuarios.command("crear", cls=Command, short_help="Agrega una persona.")
def usuarios_crear(
    usuario: UsuarioPanel,
    rol: Annotated[Rol, typer.Option(metavar="asesor|supervisor|administrador", help="Qué puede hacer.")],
    nombre: Annotated[str, typer.Option(help="Nombre y apellido; si falta, el usuario.")] = "",
    serviweb: Annotated[str, typer.Option(metavar="USUARIO", help="Su usuario de Serviweb, si tiene uno.")] = "",
    temporal: Temporal = False,
    clave_desde_entrada: ClaveDesdeEntrada = False,
    json: Json = False,
) -> None:
    """Agrega una persona al panel. Pregunta la clave dos veces, sin mostrarla."""
    from robot.usuarios_panel import crear as work

    who = {"nombre": nombre, "rol": rol.value, "serviweb": serviweb}
    _finish(work, usuario, **who, temporal=temporal, desde_entrada=clave_desde_entrada, json=json)


@usuarios.command("rol", cls=Command, short_help="Cambia lo que una persona puede hacer.")
def usuarios_rol(
    usuario: UsuarioPanel,
    rol: Annotated[Rol, typer.Argument(metavar="ROL", help="asesor, supervisor o administrador.")],
    json: Json = False,
) -> None:
    """Cambia el rol de una persona y cierra sus sesiones. Siempre queda un administrador."""
    from robot.usuarios_panel import rol as work

    _finish(work, usuario, rol.value, json=json)


@usuarios.command("clave", cls=Command, short_help="Cambia la clave de una persona.")
def usuarios_clave(
    usuario: UsuarioPanel,
    temporal: Temporal = False,
    clave_desde_entrada: ClaveDesdeEntrada = False,
    json: Json = False,
) -> None:
    """Cambia la clave de una persona, la desbloquea y cierra sus sesiones."""
    from robot.usuarios_panel import clave as work

    _finish(work, usuario, temporal=temporal, desde_entrada=clave_desde_entrada, json=json)


@usuarios.command("desactivar", cls=Command, short_help="No deja entrar más a una persona.")
def usuarios_desactivar(usuario: UsuarioPanel, json: Json = False) -> None:
    """No deja entrar más a una persona y cierra sus sesiones; lo que hizo sigue en la auditoría."""
    from robot.usuarios_panel import activar as work

    _finish(work, usuario, activa=False, json=json)


@usuarios.command("activar", cls=Command, short_help="Deja entrar otra vez a una persona.")
def usuarios_activar(usuario: UsuarioPanel, json: Json = False) -> None:
    """Deja entrar otra vez a una persona."""
    from robot.usuarios_panel import activar as work

    _finish(work, usuario, activa=True, json=json)


@usuarios.command("lista", cls=Command, short_help="Muestra las personas del panel.")
def usuarios_lista(json: Json = False) -> None:
    """Muestra las personas del panel, sus roles y su estado."""
    from robot.usuarios_panel import lista as work

    _finish(work, json=json)


@app.command(cls=Command, short_help="Revisa la instalación y dice qué hacer.")
def diagnostico(json: Json = False) -> None:
    """Revisa navegador, ajustes, mapa, conexión y disco, y dice qué hacer."""
    from robot.diagnostico import diagnose

    raise typer.Exit(diagnose(json=json))


def _finish(work: Callable[..., int], *args: Any, json: bool, **options: Any) -> NoReturn:
    """Run a command's work; an error becomes its Spanish sentence, or the JSON object, and its exit code."""
    try:
        raise typer.Exit(work(*args, json=json, **options))
    except OSError as failure:
        error: RobotError = SettingsError(f"No se puede leer o escribir en la carpeta de datos: {failure}")
    except RobotError as failure:
        error = failure
    if json:
        from robot.console import print_json

        print_json({"error": error.as_dict()})
    else:
        _say(error)
    raise typer.Exit(error.exit_code)


def _say(error: RobotError) -> None:
    from rich.console import Console

    from robot.console import show_error

    show_error(Console(stderr=True), error)


def main(argv: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its documented code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console may be cp1252
    try:
        sys.exit(app(args=argv, prog_name="serviweb", standalone_mode=False) or 0)
    except NoArgsIsHelpError as error:
        typer.echo(error.format_message())
        sys.exit(0)
    except ClickException as error:
        if "--json" in (sys.argv[1:] if argv is None else argv):
            from robot.console import print_json

            print_json({"error": {"error": "Uso", "motivo": usage_error(error), "codigo_salida": USAGE_EXIT_CODE}})
        else:
            typer.echo(usage_error(error), err=True)
        sys.exit(USAGE_EXIT_CODE)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("Interrumpido.", err=True)
        sys.exit(INTERRUPTED_EXIT_CODE)
    except RobotError as error:
        _say(error)
        sys.exit(error.exit_code)
