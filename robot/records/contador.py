"""The counter beside the database: the last requests that this installation let out, each raised before it left.

An old copy of the database that somebody put back doesn't know the newest of them, and betrays itself by that. The file
is a ring of `SLOTS` lines of one width, overwritten in place, so that a full disk doesn't stop it and a torn line harms
no other. One line: `numero` (from 1), `caso`, `n` and `huella` of the journal entry that says *sent*.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

from robot.records import candado
from robot.records.journal import Entry

FILE: Final = "contador.jsonl"
SLOTS: Final = 64
_WIDTH: Final = 160  # bytes, with the line feed
_NUMBER: Final = re.compile(rb'^\{"numero": (\d+),', re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Salida:
    """One request that was about to leave: its number, and its entry in the case's journal; no `huella` once void."""

    numero: int
    caso: str
    n: int
    huella: str


class Contador:
    """The counter file of one data folder. Raises `OSError` where it can't be written: then nothing may leave."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def exists(self) -> bool:
        """Say whether the file is there; it is made by the first start of an installation."""
        return self.path.exists()

    def create(self) -> None:
        """Make an empty file, whole on disk before it has its name. Nothing happens where there is one."""
        with self._alone():
            self._create()

    def salidas(self) -> list[Salida]:
        """Return the last requests, the oldest first, without those that never left."""
        return [salida for salida in self._slots() if salida.huella]

    def note(self, entry: Entry, caso: str) -> int:
        """Write, durably, that the request of this entry is about to leave; return its number."""
        with self._alone():
            self._create()
            numero = max(map(int, _NUMBER.findall(self.path.read_bytes())), default=0) + 1
            self._write(Salida(numero=numero, caso=caso, n=entry["n"], huella=entry["hash"]))
        return numero

    def void(self, numeros: Sequence[int]) -> None:
        """Say of these requests that they never left, or that a person answers for them."""
        if not numeros:
            return
        with self._alone():
            for salida in self._slots():
                if salida.numero in numeros:
                    self._write(Salida(numero=salida.numero, caso=salida.caso, n=salida.n, huella=""))

    def _slots(self) -> list[Salida]:
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        return sorted(_parsed(lines), key=lambda salida: salida.numero)

    def _create(self) -> None:
        if self.path.exists():
            return
        half = self.path.with_suffix(".parte")
        with half.open("wb") as file:
            file.write((b" " * (_WIDTH - 1) + b"\n") * SLOTS)
            _kept(file)
        half.replace(self.path)
        if os.name != "nt":
            descriptor = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _write(self, salida: Salida) -> None:
        line = json.dumps(asdict(salida)).encode().ljust(_WIDTH - 1) + b"\n"
        with self.path.open("r+b", buffering=0) as file:
            file.seek((salida.numero - 1) % SLOTS * _WIDTH)
            file.write(line)
            _kept(file)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other process or thread count meanwhile."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with candado.held(self.path.with_name(".contador")):
            yield


def _parsed(lines: Sequence[bytes]) -> Iterator[Salida]:
    """Yield the lines that are whole: what a power cut tore had not left yet."""
    for line in lines:
        try:
            found = json.loads(line)
            yield Salida(
                numero=int(found["numero"]), caso=str(found["caso"]), n=int(found["n"]), huella=str(found["huella"])
            )
        except (ValueError, KeyError, TypeError):
            continue


def _kept(file: IO[bytes]) -> None:
    """Wait until the disk has it."""
    file.flush()
    getattr(os, "fdatasync", os.fsync)(file.fileno())
