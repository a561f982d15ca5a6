"""A file that can't be a list of requests is refused whole, with a sentence a clerk understands."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from a_file import row, rows, workbook, written
from openpyxl import load_workbook

from robot.errors import Rejected
from robot.records import libro
from robot.records.columnas import TITLES
from robot.records.intake import read_requests

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
CSV = (";".join(TITLES) + "\r\n" + ";".join(row()) + "\r\n").encode()


def packed(**parts: str) -> bytes:
    """Return a zip file with these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("lote.csv", b"", "está vacío"),
        ("lote.csv", b"\xef\xbb\xbf", "está vacío"),
        ("lote.csv", b" \r\n\r\n", "está vacío"),
        ("lote.csv", b";;;\r\n;;\r\n", "está vacío"),
        ("lote.csv", CSV.splitlines()[0] + b"\r\n", "solo tiene títulos"),
        ("lote.csv", CSV.splitlines()[0] + b"\r\n;;;\r\n", "solo tiene títulos"),
        ("lote.csv", CSV.splitlines()[1], "no tiene una fila de títulos"),
        ("lote.csv", b"hola\r\nmundo\r\n", "no tiene una fila de títulos"),
        ("lote.csv", packed(a="x"), "parece un libro de Excel"),
        ("lote.csv", OLE, "tiene contraseña o es de un Excel anterior"),
        ("lote.csv", b"%PDF-1.7\n...", "es PDF por dentro"),
        ("lote.csv", b"<html><table></table>", "es HTML por dentro"),
        ("lote.csv", CSV.decode().encode("utf-16"), "UTF-16"),
        ("lote.csv", CSV + b"\0\1\2", "no es un texto"),
        ("lote.csv", b"a" * (1 << 21), "no es un texto"),
        ("lote.csv", CSV + b'100;"01-383;x\r\ny', "fila 3: se abren comillas"),
        ("lote.csv", CSV + b'100;"' + b"x;\r\n" * 60_000, "fila 3: se abren comillas"),
        ("lote.csv", CSV + b'100;"Ana" la tal;x\r\n', "fila 3: comillas mal puestas"),
        ("lote.csv", CSV + b"300300;01-383;MAR", "está cortado"),
        ("lote.csv", CSV + "300300;01-383;MARÍA".encode()[:-2], "dañado o cortado"),
        ("lote.csv", CSV + "x;Ñ".encode("cp1252"), "mezcla letras"),
        ("lote.csv", CSV.decode().encode("cp1252") + b"\x81", "dañado o cortado"),
        ("lote.xlsx", CSV, "no es un libro de Excel por dentro"),
        ("lote.xlsx", OLE, "tiene contraseña"),
        ("lote.xlsx", packed(a="x"), "es otro archivo comprimido"),
        ("lote.xlsx", packed(**{"xl/workbook.xml": "<no>"}), "dañado o cortado"),
        ("lote.xls", OLE, "no es un archivo CSV ni XLSX"),
        ("lote.ods", packed(mimetype="x"), "no es un archivo CSV ni XLSX"),
        ("lote", CSV, "no es un archivo CSV ni XLSX"),
    ],
)
def test_a_file_that_is_no_list_of_requests_is_refused(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    """The refusal comes at once, names the file, says what is wrong and what to do."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Rejected) as refused:
        read_requests(path)
    assert sentence in str(refused.value)
    assert f"«{name}»" in str(refused.value)
    assert refused.value.advice.endswith(".")


@pytest.mark.parametrize(("name", "why"), [("nada.csv", "no existe"), (".", "es una carpeta")])
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, name: str, why: str) -> None:
    """A missing file and a folder are told apart."""
    with pytest.raises(Rejected, match=why):
        read_requests(tmp_path / name)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_workbook_is_refused(tmp_path: Path, part: float) -> None:
    """A workbook that was not copied to its end gives no row."""
    path = workbook(tmp_path, *rows(50))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(Rejected, match=r"dañado o cortado|está vacío"):
        read_requests(path)


def test_a_workbook_with_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    """A part whose checksum is wrong is not believed."""
    path = workbook(tmp_path, *rows(50))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as parts:
        sheet = parts.getinfo("xl/worksheets/sheet1.xml")
    content[sheet.header_offset + 200] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(Rejected, match="dañado o cortado"):
        read_requests(path)


def test_a_workbook_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to more than any list of requests is not read (the limit is lowered here from a gigabyte)."""
    path = workbook(tmp_path, row())
    assert len(list(read_requests(path))) == 1
    monkeypatch.setattr(libro, "_MOST_BYTES", 1 << 20)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/bomba.bin", bytes(1 << 20))
    with pytest.raises(Rejected, match="demasiado grande"):
        read_requests(path)


def test_a_sheet_with_entities_is_refused(tmp_path: Path) -> None:
    """No sheet that Excel writes declares entities; one that does is meant to harm."""
    path = workbook(tmp_path, row())
    with zipfile.ZipFile(path) as parts:
        texts = {name: parts.read(name) for name in parts.namelist()}
    texts["xl/worksheets/sheet1.xml"] = b'<!DOCTYPE x [<!ENTITY a "a">]>' + texts["xl/worksheets/sheet1.xml"]
    with zipfile.ZipFile(path, "w") as parts:
        for name, text in texts.items():
            parts.writestr(name, text)
    with pytest.raises(Rejected, match="dañado"):
        read_requests(path)


def test_requests_on_two_sheets_are_refused_and_other_sheets_are_not_read(tmp_path: Path) -> None:
    """Two visible sheets with titles are ambiguous; notes and hidden sheets don't count."""
    path = workbook(tmp_path, row())
    book = load_workbook(path)
    book.create_sheet("Notas", 0).append(["llamar", "mañana"])
    copy = book.copy_worksheet(book["Sheet"])
    copy.sheet_state = "hidden"
    book.save(path)
    assert len(list(read_requests(path))) == 1
    copy.sheet_state = "visible"
    book.save(path)
    with pytest.raises(Rejected, match="varias hojas con solicitudes: «Sheet», «Sheet Copy»"):
        read_requests(path)


def test_a_comma_in_a_file_of_semicolons_is_no_separator(tmp_path: Path) -> None:
    """The separator is the one that shows the titles, however many commas stand in the cells."""
    path = written(tmp_path, row(concepto="a,b,c,d,e,f,g,h,i,j"), ["", ",,,,,,,,"])
    assert len(list(read_requests(path))) == 2
