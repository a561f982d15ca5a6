"""Send what is in the outbox, in a process of its own: `mensajero.py CARPETA todo|muere_antes|muere_despues`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from robot.records.boveda import boveda_of
from robot.records.store.engine import open_store
from robot.settings import load
from robot.work import mensajeria


def main(folder: Path, how: str) -> None:
    """Wait for a line, send, and die where it is asked: before the message leaves, or before its end is written."""
    settings = load(carpeta=folder)
    vault = boveda_of(settings)
    send = mensajeria._notified

    def dying(plugin: Any, message: dict[str, str]) -> tuple[bool, str]:
        if how == "muere_despues":
            send(plugin, message)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    if how != "todo":
        mensajeria._notified = dying
    with open_store(folder / "serviweb.sqlite3") as store:
        places = mensajeria.destinos(settings, vault)
        sender = mensajeria.Mensajero(store=store, boveda=vault, destinos=places)
        sys.stdout.write("listo\n")
        sys.stdout.flush()
        sys.stdin.readline()
        sender.round()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
