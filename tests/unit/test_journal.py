"""The journal of a case: chained, durable, and written by exactly one process."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from robot.errors import BrokenJournal, Fenced
from robot.masking import Masker
from robot.records.journal import FILE, LOCK, Journal, read

ROOT = Path(__file__).parents[2]
OWN = """
import sys
from pathlib import Path
from robot.masking import Masker
from robot.records.journal import Journal
with Journal(Path(sys.argv[1]), Masker()) as journal:
    journal.write("run.started", run=1)
    print("mine", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process own the journal until it is told to end."""
    command = [sys.executable, "-c", OWN, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"
        yield other


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond *size* bytes, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder of a case that isn't there yet."""
    return tmp_path / "casos" / "R-AAAAAAA"


def test_entries_are_chained_and_continue(folder: Path) -> None:
    """Each line has its number and the hash of the line before; a second run continues the chain."""
    with Journal(folder, Masker()) as journal:
        journal.write("case.opened", codigo="100234", nothing=None)
        journal.write("run.started", run=1)
    with Journal(folder, Masker()) as journal:
        journal.write("run.finished", run=1)
    entries = read(folder)
    assert [e["n"] for e in entries] == [1, 2, 3]
    assert entries[0]["prev"] == "0" * 64
    assert [e["prev"] for e in entries[1:]] == [e["hash"] for e in entries[:-1]]
    assert "nothing" not in entries[0]
    assert entries[0]["t"].endswith("Z")


def test_a_torn_last_line_is_not_part_of_the_journal(folder: Path) -> None:
    """What a power cut leaves of the last write is dropped, and the next entry takes its place."""
    with Journal(folder, Masker()) as journal:
        journal.write("case.opened")
        journal.write("run.started")
    path = folder / FILE
    path.write_bytes(path.read_bytes()[:-20])
    assert [e["event"] for e in read(folder)] == ["case.opened"]
    with Journal(folder, Masker()) as journal:
        journal.write("run.finished")
    assert [e["event"] for e in read(folder)] == ["case.opened", "run.finished"]


def test_durable_waits_for_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`durable` and `sent` fsync the journal after its line is in the file; a plain entry doesn't."""
    with Journal(folder, Masker()) as journal:
        synced: list[bytes] = []
        real = os.fsync

        def fsync(descriptor: int) -> None:
            synced.append((folder / FILE).read_bytes())
            assert os.fstat(descriptor).st_ino == (folder / FILE).stat().st_ino
            real(descriptor)

        monkeypatch.setattr(os, "fsync", fsync)
        journal.write("case.opened")
        assert synced == []
        journal.write("effect.intent", durable=True)
        assert synced[-1].count(b"\n") == 2
        journal.sent("factura", url="x")
        assert b"effect.sent" in synced[-1]
        assert len(synced) == 2


def test_values_are_masked(folder: Path) -> None:
    """No private value of the case reaches the file, in any field, at any depth, nor in a key."""
    with Journal(folder, Masker(private=["40781234", "3104567890"])) as journal:
        journal.write("dialog", text="cédula 40.781.234", what={"a": ["310 456 7890"], "40781234": 1})
    text = (folder / FILE).read_text(encoding="utf-8")
    assert not [shape for shape in ("40781234", "40.781.234", "3104567890", "310 456 7890") if shape in text]
    assert "cédula" in text
    assert len(read(folder)) == 1


def test_a_second_process_is_refused(folder: Path) -> None:
    """While a process owns a case no other writes in it; it is free as soon as that one ends, even killed."""
    with another_process(folder) as other:
        with pytest.raises(Fenced):
            Journal(folder, Masker())
        assert [e["event"] for e in read(folder)] == ["run.started"]
        other.kill()
    with Journal(folder, Masker()) as journal:
        journal.write("run.finished")
    assert len(read(folder)) == 2


def test_a_process_is_refused_while_we_work(folder: Path) -> None:
    """The refused process leaves our ownership whole: we may still send."""
    with Journal(folder, Masker()) as journal:
        other = subprocess.run(
            [sys.executable, "-c", OWN, str(folder)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        assert "Fenced" in other.stderr
        assert journal.still_ours()
        journal.sent("factura", url="x")


@pytest.mark.parametrize("taken", ["otro", None])
def test_nothing_is_sent_once_another_took_the_case(folder: Path, taken: str | None) -> None:
    """A journal whose lock names another owner, or is gone, refuses `sent` and writes nothing."""
    with Journal(folder, Masker()) as journal:
        journal.write("effect.intent", kind="factura")
        if taken:
            (folder / LOCK).write_text(taken)
        else:
            (folder / LOCK).unlink()
        with pytest.raises(Fenced):
            journal.sent("factura", url="x")
    assert [e["event"] for e in read(folder)] == ["effect.intent"]


@pytest.mark.parametrize("room", [0, 40])
def test_a_full_disk_leaves_a_good_journal(folder: Path, room: int) -> None:
    """A write that found no room is an OSError and no part of the journal, which goes on once there is room."""
    with Journal(folder, Masker()) as journal:
        journal.write("case.opened")
        with room_for((folder / FILE).stat().st_size + room), pytest.raises(OSError, match="Errno"):
            journal.sent("factura", url="x" * 100)
        journal.write("effect.not_sent", kind="factura")
    assert [e["event"] for e in read(folder)] == ["case.opened", "effect.not_sent"]


def test_a_disk_that_fails_to_sync_vouches_for_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When fsync fails the entry is no part of the journal, and the chain stays whole."""

    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with Journal(folder, Masker()) as journal:
        journal.write("case.opened")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", broken)
            with pytest.raises(OSError, match="Input/output"):
                journal.sent("factura", url="x")
        journal.write("effect.not_sent", kind="factura")
    assert [e["event"] for e in read(folder)] == ["case.opened", "effect.not_sent"]


def test_a_full_disk_at_the_end_closes_quietly(folder: Path) -> None:
    """What found no room doesn't reach the file when the journal is closed."""
    journal = Journal(folder, Masker())
    journal.write("case.opened")
    with room_for((folder / FILE).stat().st_size), pytest.raises(OSError, match="Errno"):
        journal.sent("factura", url="x")
    journal.close()
    assert [e["event"] for e in read(folder)] == ["case.opened"]


def test_a_broken_journal_is_not_written_on(folder: Path) -> None:
    """Opening an altered journal fails, frees the folder and changes nothing."""
    with Journal(folder, Masker()) as journal:
        journal.write("case.opened", codigo="100234")
        journal.write("run.started")
    path = folder / FILE
    altered = path.read_bytes().replace(b"100234", b"100235")
    path.write_bytes(altered)
    for _ in range(2):  # the first failure gives the lock back
        with pytest.raises(BrokenJournal, match="línea 1"):
            Journal(folder, Masker())
    assert path.read_bytes() == altered


def test_what_a_power_cut_took_is_restored(tmp_path: Path) -> None:
    """Entries that another witness kept are written behind the own ones, and the chain goes on; others are refused."""
    with Journal(tmp_path / "R-1", Masker()) as journal:
        kept = [journal.write("uno"), journal.write("dos"), journal.write("tres")]
    path = tmp_path / "R-1" / "journal.jsonl"
    path.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n")
    with Journal(tmp_path / "R-1", Masker()) as journal:
        with pytest.raises(BrokenJournal):
            journal.restore(kept[2:])
        journal.restore(kept[1:])
        journal.write("cuatro")
    assert [entry["event"] for entry in read(tmp_path / "R-1")] == ["uno", "dos", "tres", "cuatro"]
