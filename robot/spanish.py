"""Typer in Spanish: its help and its usage errors."""

from __future__ import annotations

import re
from typing import Any

from typer._click.exceptions import BadParameter, ClickException, MissingParameter, NoSuchOption
from typer.core import TyperCommand, TyperGroup

_HELP = {
    r"^Usage:": "Uso:",
    r"^Options:$": "Opciones:",
    r"^Commands:$": "Comandos:",
    r"^Arguments:$": "Argumentos:",
    r"\[OPTIONS\]": "[OPCIONES]",
    r"\bCOMMAND \[ARGS\]\.\.\.": "COMANDO [ARGUMENTOS]...",
    r"Show this message and exit\.": "Muestra esta ayuda y termina.",
    r"Install completion for the current shell\.": "Instala el autocompletado de esta terminal.",
    r"Show completion for the current shell, to\s+copy it or\s+customize the installation\.": "Lo muestra.",
    r"<str>": "<txt>",  # of the same length, so that the columns stay
    r"<int>": "<núm>",
    r"<path>": "<ruta>",
    r"\[required\]": "[obligatorio]",
    r"\[default: ": "[por defecto: ",
}


def translated(text: str) -> str:
    """Return a help text with Typer's own words in Spanish."""
    for pattern, spanish in _HELP.items():
        text = re.sub(pattern, spanish, text, flags=re.MULTILINE)
    return text


class Command(TyperCommand):
    """A command whose help is Spanish."""

    def get_help(self, ctx: Any) -> str:
        """Return the help text."""
        return translated(super().get_help(ctx))


class Group(TyperGroup):
    """A group whose help is Spanish."""

    def get_help(self, ctx: Any) -> str:
        """Return the help text."""
        return translated(super().get_help(ctx))


def usage_error(error: ClickException) -> str:
    """Return what is wrong with the command line, in Spanish."""
    ctx = getattr(error, "ctx", None)
    hint = f"\nVea «{ctx.command_path} --help»." if ctx else ""
    param = getattr(error, "param", None)
    name = " / ".join(param.opts) if param and param.param_type_name == "option" else str(getattr(param, "metavar", ""))
    name = name or str(getattr(param, "name", "")).upper()
    match error:
        case MissingParameter():
            text = f"Falta {name}"
        case NoSuchOption():
            text = f"No existe la opción {error.option_name}"
        case BadParameter():
            choices = str(getattr(param, "metavar", "") or "")
            text = f"El valor de {name} no es válido" + (
                f"; use {choices.replace('|', ' o ')}" if "|" in choices else ""
            )
        case _:
            text = _plain(error.format_message())
    return f"{text}.{hint}"


def _plain(message: str) -> str:
    for pattern, spanish in (
        (r"^No such command ['\"]([^'\"]+)['\"].*$", r"No existe el comando «\1»"),
        (r"^Missing command\.?$", "Falta el comando"),
        (r"^Got unexpected extra argument(?:s|\(s\))? \((.+)\)\.?$", r"Sobra «\1»"),
        (r"^Option ['\"](.+)['\"] does not take a value\.?$", r"La opción \1 no lleva valor"),
        (r"^Option ['\"](.+)['\"] requires an argument\.?$", r"A la opción \1 le falta su valor"),
    ):
        message = re.sub(pattern, spanish, message)
    return message
