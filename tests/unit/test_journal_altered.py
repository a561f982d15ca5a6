"""Whoever alters a journal is found: by any byte, line, order or insertion."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot.errors import BrokenJournal
from robot.masking import Masker
from robot.records.journal import FILE, Journal, read


@cache
def lines() -> tuple[bytes, ...]:
    """Return the lines of a whole journal."""
    with tempfile.TemporaryDirectory() as folder:
        with Journal(Path(folder), Masker()) as journal:
            journal.write("case.opened", codigo="100234", concepto="RECONEXIÓN")
            journal.write("effect.intent", kind="factura", what={"total": 98700, "productos": ["CORTE"]})
            journal.sent("factura", url="http://x/factura/guardar")
            journal.write("effect.answered", kind="factura", status=200)
            journal.write("effect.confirmed", kind="factura", number="F-1")
            journal.write("case.state", etapa="cobro", estado="esperando_pago")
        return tuple((Path(folder) / FILE).read_bytes().splitlines(keepends=True))


def verified(content: bytes) -> list[dict[str, object]]:
    """Read a journal with this content."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_bytes(content)
        return read(Path(folder))


def test_the_whole_journal_is_good() -> None:
    """Unaltered, the journal is read whole."""
    assert len(verified(b"".join(lines()))) == len(lines())


@given(st.data())
def test_any_altered_byte_is_found(data: st.DataObject) -> None:
    """One byte changed anywhere before the last line feed is found, even where it only changes the form."""
    whole = bytearray(b"".join(lines()))
    at = data.draw(st.integers(0, len(whole) - 2))
    whole[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[at]))
    with pytest.raises(BrokenJournal):
        verified(bytes(whole))


@pytest.mark.parametrize(("old", "new"), [(b": ", b":\t"), (b", ", b",  "), (b"\n", b"\r\n"), (b"\n", b"\r")])
def test_a_change_of_form_is_found(old: bytes, new: bytes) -> None:
    """A line that says the same in other bytes is found: what is vouched for is the file, not its meaning."""
    whole = b"".join(lines())
    with pytest.raises(BrokenJournal):
        verified(whole.replace(old, new, 1))


@given(st.integers(0, 4))
def test_any_dropped_line_is_found(at: int) -> None:
    """A line that is missing before the last is found."""
    with pytest.raises(BrokenJournal, match=f"línea {at + 1}"):
        verified(b"".join(lines()[:at] + lines()[at + 1 :]))


@given(st.permutations(range(6)).filter(lambda order: order != list(range(6))))
def test_any_other_order_is_found(order: list[int]) -> None:
    """Lines in another order are found."""
    with pytest.raises(BrokenJournal):
        verified(b"".join(lines()[i] for i in order))


@given(st.integers(0, 6), st.one_of(st.integers(0, 5).map(lambda i: lines()[i]), st.just(b"{}\n"), st.just(b"\n")))
def test_any_inserted_line_is_found(at: int, line: bytes) -> None:
    """A line that is repeated or made up is found, at the end too."""
    with pytest.raises(BrokenJournal):
        verified(b"".join((*lines()[:at], line, *lines()[at:])))


@pytest.mark.parametrize("line", [b'"text"\n', b"[]\n", b"null\n", b"\xff\n", b'{"n": 1}\n', b"{]\n"])
def test_what_is_no_entry_is_found(line: bytes) -> None:
    """A line that is no entry at all is a broken journal, never another exception."""
    with pytest.raises(BrokenJournal, match="línea 1"):
        verified(line)


def test_a_key_that_stands_twice_is_found() -> None:
    """A second value for a key, which a person would read first, is found."""
    forged = lines()[4].replace(b'"number": "F-1"', b'"number": "F-9", "number": "F-1"')
    assert forged != lines()[4]
    with pytest.raises(BrokenJournal, match="línea 5"):
        verified(b"".join((*lines()[:4], forged, *lines()[5:])))
