"""The command `serviweb auditoria`: are the journals whole, and the same wherever they stand, also on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from robot.console import print_json
from robot.errors import BrokenJournal
from robot.records.impresos import heads_in, typed
from robot.records.store.audit import Fault, Head, heads, verify
from robot.settings import load
from robot.work.archivo import Archivo, archivo_of, machine
from robot.work.cuarentena import unexplained


def auditoria(*, impresos: Sequence[Path] = (), huellas: Sequence[str] = (), json: bool) -> int:
    """Prove that every journal is whole and the same in database, folders and on paper, or name what isn't."""
    printed = list(_printed(impresos, huellas))
    settings = load()
    with archivo_of(settings) as archivo:
        found = [*verify(archivo.store, settings.casos, printed, machine=machine(settings)), *_unknown(archivo)]
        chains = heads(archivo.store)
    faults = [fault for fault in found if not fault.nota]
    if json:
        told = [{"caso": f.caso, "donde": f.donde, "entrada": f.n, "mensaje": f.mensaje, "nota": f.nota} for f in found]
        paper = {"huellas_impresas": len(printed)} if printed else {}
        print_json({"cadenas": len(chains), **paper, "faltas": len(faults), "detalle": told})
        return BrokenJournal.exit_code if faults else 0
    _show(Console(highlight=False), found, len(chains), len(printed))
    return BrokenJournal.exit_code if faults else 0


def _printed(files: Sequence[Path], typed_heads: Sequence[str]) -> Iterator[Head]:
    for path in files:
        yield from heads_in(path)
    for text in typed_heads:
        yield typed(text)


def _unknown(archivo: Archivo) -> Iterator[Fault]:
    """Yield what the counter file says was sent and the database doesn't know: it is an old copy."""
    for salida in unexplained(archivo):
        told = f"El contador dice que se envió (entrada {salida.n}), y la base de datos no lo sabe: es una copia vieja"
        yield Fault(caso=salida.caso, donde="contador", n=salida.n, mensaje=told)


def _show(console: Console, found: Sequence[Fault], chains: int, printed: int) -> None:
    for fault in found:
        at = f", entrada {fault.n}" if fault.n else ""
        style = "" if fault.nota else "red"
        console.print(f"{fault.caso} ({fault.donde}{at}): {fault.mensaje}", style=style, soft_wrap=True, markup=False)
    faults = sum(not fault.nota for fault in found)
    journals = "1 diario" if chains == 1 else f"{chains} diarios"
    if faults:
        console.print(f"{'1 falta' if faults == 1 else f'{faults} faltas'} en {journals}.", style="bold red")
        console.print(
            "Qué hacer: no trabaje esos casos; compare con las copias de seguridad y con los papeles, y avise al "
            "supervisor. Si la base de datos es una copia vieja, use «serviweb recuperar».",
            soft_wrap=True,
        )
        return
    whole = "íntegro, e igual" if chains == 1 else "íntegros, e iguales"
    console.print(f"{journals} {whole} en la base de datos y en las carpetas.", soft_wrap=True)
    if printed:
        paper = "La huella impresa está" if printed == 1 else f"Las {printed} huellas impresas están"
        console.print(f"{paper} en su diario: no le falta nada de lo que había entonces.", soft_wrap=True)
