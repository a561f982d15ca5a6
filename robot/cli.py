"""The command `serviweb`: the composition root. Heavy parts are imported where a command needs them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError

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
    "· 7 incompleto · 8 Serviweb no responde · 9 otro proceso tiene el caso · 10 diario alterado · 64 mal escrito · "
    "130 interrumpido.",
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
) -> None:
    """Muestra todo el trabajo con un suscriptor de prueba, en un Serviweb de prueba que viene incluido."""
    from robot.demo import run_demo

    run_demo(carpeta, visible=visible)


@app.command(cls=Command, short_help="Inicia el Serviweb de prueba en este equipo.")
def mock(
    puerto: Annotated[int, typer.Option(help="Puerto; 0 toma uno libre.")] = 0,
    control: Annotated[bool, typer.Option("--control", help="Abre el control para pruebas (fallas y libro).")] = False,
) -> None:
    """Inicia el Serviweb de prueba en este equipo; se detiene con Ctrl-C."""
    from robot.mock import run_mock

    raise typer.Exit(run_mock(puerto, control=control))


@app.command(cls=Command, short_help="Factura y genera el recibo: pasos 3 a 22 bis.")
def reconexion(
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
    visible: Visible = False,
    json: Json = False,
) -> None:
    """Factura la reconexión y genera el recibo: pasos 3 a 22 bis. Termina con lo que el usuario debe pagar en caja."""
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
    _finish(work, request, rehearsal=ensayo, visible=visible, json=json)


@app.command(cls=Command, short_help="Registra el pago y radica: pasos 23 a 31.")
def tramite(
    caso: Caso,
    recibo: Annotated[str, typer.Option(help="Número del recibo cancelado en caja.")],
    fecha: Annotated[str, typer.Option(help="Fecha del pago, dd/mm/aaaa.")],
    valor: Annotated[str, typer.Option(help="Valor pagado, en pesos.")] = "",
    otro_recibo: Annotated[str, typer.Option(metavar="MOTIVO", help="Motivo, si pagó con otro recibo.")] = "",
    visible: Visible = False,
    json: Json = False,
) -> None:
    """Registra el pago que usted vio (paso 23) y radica el trámite: pasos 24 a 31."""
    from robot.office import tramite as work

    _finish(work, caso, recibo=recibo, fecha=fecha, valor=valor, otro_recibo=otro_recibo, visible=visible, json=json)


@app.command(cls=Command, short_help="Sigue un caso incompleto o interrumpido.")
def continuar(caso: Caso, visible: Visible = False, json: Json = False) -> None:
    """Sigue un caso incompleto o interrumpido desde el primer documento que falta."""
    from robot.office import continuar as work

    _finish(work, caso, visible=visible, json=json)


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
