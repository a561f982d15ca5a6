"""What the command `adjuntar` does: a paper that a person printed by hand becomes the case's."""

from __future__ import annotations

import getpass
from pathlib import Path

from rich.console import Console

from robot.browser.papers import TITLES
from robot.console import near, print_json, result
from robot.records.report import case_page
from robot.settings import load
from robot.work import expediente
from robot.work.adjunto import attach
from robot.work.apertura import check_room
from robot.work.archivo import archivo_of


def adjuntar(name: str, kind: str, source: Path, *, sin_texto: str, persona: str, json: bool) -> int:
    """Attach a PDF as the case's paper of that kind, with its two copies."""
    settings = load()
    check_room(settings)
    with archivo_of(settings) as archivo:
        caso = expediente.begun(archivo, name).caso
        who = persona.strip() or getpass.getuser()
        paper = attach(archivo, caso, kind, source, persona=who, sin_texto=sin_texto)
    case_page(caso.folder)
    if json:
        print_json(result(caso))
        return 0
    console = Console(highlight=False)
    console.print(f"{TITLES[kind]} adjuntado al caso {caso.id}.", soft_wrap=True)
    console.print(f"Dos copias para firmar: {near(caso.folder / paper.copies_file)}", soft_wrap=True)
    for missing in caso.missing_papers():
        console.print(f"Todavía falta: {TITLES[missing]}. serviweb adjuntar {caso.id} {missing} ARCHIVO.pdf")
    return 0
