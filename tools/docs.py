"""Write the pages that follow from the code: docs/comandos.md and docs/configuracion.md (a test keeps them fresh)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

COMMANDS = (
    "demo",
    "mock",
    "reconexion",
    "tramite",
    "pago",
    "pagos plantilla",
    "pagos cargar",
    "pagos lista",
    "pagos atender",
    "adjuntar",
    "continuar",
    "caso",
    "casos",
    "dudas",
    "resolver",
    "cerrar",
    "informe",
    "planilla",
    "conciliar",
    "cola plantilla",
    "cola cargar",
    "cola trabajar",
    "cola estado",
    "cola pausar",
    "cola reanudar",
    "cola cancelar",
    "cola resultados",
    "cola desbloquear",
    "auditoria",
    "auditoria verificar",
    "recuperar",
    "selectores aprender",
    "selectores revisar",
    "selectores aceptar",
    "usuarios crear",
    "usuarios rol",
    "usuarios clave",
    "usuarios desactivar",
    "usuarios activar",
    "usuarios lista",
    "diagnostico",
)


def comandos() -> str:
    """Return the page of the commands: what `--help` says of each, and the exit codes with their remedy."""
    from robot import errors

    parts = ["# Órdenes\n\nGenerado de la ayuda del programa con `python tools/docs.py`.\n"]
    for command in ((), *(tuple(name.split()) for name in COMMANDS)):
        title = " ".join(("serviweb", *command))
        parts.append(f"## {title}\n\n```text\n{_help(*command)}\n```\n")
    parts.append("## Códigos de salida\n\n| código | clase | qué pasó | qué hacer |\n|---|---|---|---|")
    parts.append("| 0 | | terminó bien | |")
    classes = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.RobotError)
    ]
    parts += [
        f"| {kind.exit_code} | `{kind.__name__}` | {kind.__doc__} | {kind.remedy} |"
        for kind in sorted(classes, key=lambda kind: kind.exit_code)
    ]
    parts.append("| 12 | | `conciliar` encontró diferencias, o no pudo consultar a alguien | vea la lista |")
    parts.append("| 64 | | la orden está mal escrita | vea `--help` |\n| 130 | | se interrumpió con Ctrl-C | |\n")
    return "\n".join(parts)


def configuracion() -> str:
    """Return the page of the settings."""
    from robot.settings import Settings

    rows = [
        "# Ajustes\n",
        "Generado con `python tools/docs.py`. Cada ajuste se escribe en el entorno o en un archivo `.env` de la",
        "carpeta actual; el entorno manda. Un nombre `SERVIWEB_…` que no esté aquí es un error. Un proxy debe permitir",
        "túneles (CONNECT) hacia Serviweb.\n",
        "| variable | por defecto | qué es |\n|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "|".join(map(str, default)) if isinstance(default, tuple) else "" if default is None else str(default)
        shown = f"`{shown}`".replace("|", "\\|") if shown else ""
        rows.append(f"| `SERVIWEB_{name.upper()}` | {shown} | {str(field.description).replace('|', chr(92) + '|')} |")
    return "\n".join(rows) + "\n"


def _help(*command: str) -> str:
    said = subprocess.run(
        [sys.executable, "-m", "robot", *command, "--help"],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "PYTHONUTF8": "1"},
    )
    return said.stdout.rstrip()


PAGES = {"docs/comandos.md": comandos, "docs/configuracion.md": configuracion}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
