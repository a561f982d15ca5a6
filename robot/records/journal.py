"""The case folder's journal: append-only, hash-chained, written before anything it speaks of happens.

One JSON object a line: `n` (from 1), `t` (UTC), `event`, the event's own fields, `prev` and `hash`. `hash` is the
SHA-256 of the line without it, and `prev` is the hash of the line before, so that a changed, dropped or reordered line
shows.
Values pass the case's masker first: the journal names no document number and no phone.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

from robot.errors import BrokenJournal, Fenced, RobotError
from robot.masking import Masker
from robot.records import candado

FILE = "journal.jsonl"
LOCK = ".candado"
ASIDE = "journal.aparte.jsonl"
START = "0" * 64
Entry = dict[str, Any]
Listener = Callable[[Entry], None]


def _digest(entry: Entry) -> str:
    text = json.dumps({k: v for k, v in entry.items() if k != "hash"}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _line(entry: Entry) -> bytes:
    return json.dumps(entry, ensure_ascii=False).encode()


def read(folder: Path) -> list[Entry]:
    """Return the verified entries of a case folder. Raises `BrokenJournal` naming the first bad line.

    A last line without its line feed is what a power cut leaves of a write that was not yet acknowledged: it is not
    part of the journal.
    """
    path = folder / FILE
    if not path.exists():
        return []
    entries, whole = verified(path.read_bytes())
    if not whole:
        raise BrokenJournal(f"El diario {path.name} de {folder.name} está alterado en la línea {len(entries) + 1}")
    return entries


def verified(text: bytes) -> tuple[list[Entry], bool]:
    """Return the entries of a journal's text up to the first bad line, and whether there is none."""
    entries: list[Entry] = []
    previous = START
    for number, line in enumerate(text[: text.rfind(b"\n") + 1].split(b"\n")[:-1], start=1):
        try:
            entry = json.loads(line)
            # A key put twice, or other white space, says something else to whoever reads the file.
            good = is_link(entry, number, previous) and line == _line(entry)
        except (ValueError, KeyError, TypeError):
            good = False
            entry = {}
        if not good:
            return entries, False
        previous = entry["hash"]
        entries.append(entry)
    return entries, True


def is_link(entry: Entry, number: int, previous: str) -> bool:
    """Say whether an entry is the one of that number, follows that hash and has its own. Raises `KeyError`."""
    return bool(entry["n"] == number and entry["prev"] == previous and entry["hash"] == _digest(entry))


class Mirror(Protocol):
    """The other witness of a case: the database, which is the truth (robot/records/store)."""

    def write(self, entry: Entry, *, durable: bool) -> None:
        """Take one entry, once it stands in the folder's file. Raises `RobotError` or `OSError`: then nobody has it."""


class Journal:
    """A case's journal, open for writing by exactly one process (an OS lock on the folder).

    Each entry goes to the folder's file, then to the *mirror*; where that refuses it, the file forgets it again.
    """

    def __init__(self, folder: Path, masker: Masker, mirror: Mirror | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.masker = masker
        self._mirror = mirror
        self.listeners: list[Listener] = []
        self._token = secrets.token_hex(8)
        self._lock = _lock(folder / LOCK, self._token)
        try:
            self.entries = read(folder)
            self._file = (folder / FILE).open("r+b" if self.entries else "w+b", buffering=0)
            self._end = self._drop_unfinished_line()
        except BaseException:
            self._lock.close()
            raise
        if len(self.entries) == 0:
            _sync_folder(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _drop_unfinished_line(self) -> int:
        """Cut what a power cut left behind the last line feed; return where the next line begins."""
        whole = (self.folder / FILE).read_bytes()
        return self._cut_at(whole.rfind(b"\n") + 1)

    def _cut_at(self, end: int) -> int:
        self._file.seek(end)
        self._file.truncate()
        return end

    def write(self, event: str, *, durable: bool = False, **data: Any) -> Entry:
        """Append one entry and return it; *durable* also waits until the disk has it.

        Raises `OSError` (disk full); then the journal is as it was before.
        """
        entry: Entry = {
            "n": len(self.entries) + 1,
            "t": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "event": event,
            **self.masker.data({k: v for k, v in data.items() if v is not None}),
            "prev": self.entries[-1]["hash"] if self.entries else START,
        }
        entry["hash"] = _digest(entry)
        self._append(entry, durable=durable)
        self.entries.append(entry)
        for listener in self.listeners:
            listener(entry)
        return entry

    def _append(self, entry: Entry, *, durable: bool) -> None:
        line = _line(entry) + b"\n"
        try:
            _write_whole(self._file, line)
            if self._mirror:
                self._mirror.write(entry, durable=durable)
            if durable:
                os.fsync(self._file.fileno())
        except (OSError, RobotError):
            self._cut_at(self._end)  # a line that nobody was told of must not stand there
            raise
        self._end += len(line)

    def restore(self, entries: Sequence[Entry]) -> None:
        """Append what the database has and a power cut took from the file. Raises `BrokenJournal` if it follows not."""
        if entries[0]["prev"] != (self.entries[-1]["hash"] if self.entries else START):
            raise BrokenJournal(f"El diario del caso {self.folder.name} no es el que tiene la base de datos")
        lines = b"".join(_line(entry) + b"\n" for entry in entries)
        _write_whole(self._file, lines)
        os.fsync(self._file.fileno())
        self._end += len(lines)
        self.entries.extend(entries)

    def set_aside(self, after: int) -> None:
        """Move the entries behind the first *after* ones into a file beside: another machine went on from there."""
        lines = b"".join(_line(entry) + b"\n" for entry in self.entries[after:])
        with (self.folder / ASIDE).open("ab") as aside:
            aside.write(lines)
            aside.flush()
            os.fsync(aside.fileno())
        self._end = self._cut_at(self._end - len(lines))
        del self.entries[after:]

    def still_ours(self) -> bool:
        """Say whether this process still owns the case folder."""
        try:
            return (self.folder / LOCK).read_text(encoding="ascii") == self._token
        except OSError:
            return False

    def sent(self, kind: str, **data: Any) -> None:
        """Write, durably, that a request is about to leave. Raises `Fenced` when the case is no longer ours."""
        if not self.still_ours():
            raise Fenced(f"Otro proceso tomó el caso {self.folder.name}: la solicitud no se envió")
        self.write("effect.sent", durable=True, kind=kind, **data)

    def close(self) -> None:
        """Close the file and give the folder up."""
        self._file.close()
        self._lock.close()


def _write_whole(file: io.FileIO, line: bytes) -> None:
    if file.write(line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _lock(path: Path, token: str) -> IO[bytes]:
    """Take the folder's lock or raise `Fenced`. The file's text names the owner."""
    try:
        handle = candado.take(path)
    except OSError as error:
        raise Fenced(f"Otro proceso está trabajando el caso {path.parent.name}") from error
    handle.seek(0)
    handle.truncate()
    handle.write(token.encode("ascii"))
    handle.flush()
    return handle


def _sync_folder(folder: Path) -> None:
    """Make the new file's name durable; Windows does that by itself and cannot open a folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
