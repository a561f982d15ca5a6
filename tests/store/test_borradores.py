"""Drafts of files: judged as intake does, corrected row by row, sent once; interrupted readings and sendings go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from a_file import row, rows, workbook, written
from a_request import settings
from some_cases import one, run

from robot.errors import Rejected
from robot.records.columnas import TITLES
from robot.records.intake import BadRow, RequestFile
from robot.records.store import borrador_filas, borradores, cases
from robot.records.store.engine import Store
from robot.settings import Settings
from robot.work import borrador, puesta

LONG_AGO = "2020-01-01T00:00:00.000000Z"


@pytest.fixture
def ajustes(tmp_path: Path) -> Settings:
    """Give settings whose data folder is a new one."""
    return settings(tmp_path / "datos")


def uploaded(store: Store, ajustes: Settings, file: Path, usuario: str = "sofia") -> str:
    """Load a file into a draft, as the panel does, and return its name."""
    return begun(store, ajustes, file, usuario).draft


def begun(store: Store, ajustes: Settings, file: Path, usuario: str = "sofia") -> borrador.Carga:
    """Do that, and return the reading."""
    with file.open("rb") as source:
        path = borrador.keep(source, file.name, borrador.place(ajustes))
    load = borrador.begin(store, ajustes, path, usuario)
    load.run()
    return load


def csv(folder: Path, *lines: Sequence[str]) -> Path:
    """Write a file of requests."""
    return written(folder, *lines)


def problems(store: Store, draft: str) -> dict[int, list[tuple[str, str]]]:
    """Return what is to be corrected: by row, the fields and what is said of them."""
    found = borrador_filas.rows(store, draft, solo="malas", limit=1000)
    return {fila.numero: [(problem.campo, problem.mensaje) for problem in fila.problemas] for fila in found}


def fix(store: Store, draft: str, fila: int, **given: str) -> list[int]:
    """Correct cells of a row and return the numbers of the rows that were looked at again."""
    changed = borrador.correct(store, draft, fila, given, borrador.formats_of(settings(Path("/x"))))
    return [one.numero for one in changed]


def send(store: Store, ajustes: Settings, draft: str) -> None:
    """Put a draft's good rows into the queue."""
    puesta.begin_sending(store, ajustes, draft, "sofia").run()


def state(store: Store, draft: str) -> tuple[Any, ...]:
    """Return a draft's state and its counts of rows read and queued."""
    found = borradores.found(store, draft)
    return found["estado"], found["leidas"], found["puestas"]


def left(store: Store) -> int:
    """Count the rows of all drafts."""
    return int(one(store, "SELECT count(*) FROM borrador_filas"))


BAD = (row(codigo="1"), row(codigo="200001", celular="99"), row(codigo="200002", apellidos="", arreglo_ref=""))


def test_a_draft_judges_as_the_intake_does(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """Each row has the problems that loading the same file would tell, in the same words and order."""
    bad = (*BAD, row(codigo="200001"), row(codigo="#N/A"), row(codigo="200005", ruta="1-ene"), [*row(), "de más"])
    file = csv(tmp_path, *rows(2), *bad)
    draft = uploaded(store, ajustes, file)
    said = [found for found in RequestFile(file).rows() if isinstance(found, BadRow)]
    assert {n: [message for _, message in told] for n, told in problems(store, draft).items()} == {
        found.number: [problem.message for problem in found.problems] for found in said
    }
    assert borrador_filas.counts(store, draft) == borrador_filas.Cuentas(filas=9, malas=7, fuera=0)
    assert state(store, draft) == ("abierto", 9, 0)


def test_a_workbooks_own_faults_are_settled_by_saving_the_row(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """What only the workbook knows (a date where a text should be) is asked once: who saves has looked."""
    line: list[Any] = row(codigo="200001")
    line[TITLES.index("Concepto")] = date(2026, 2, 1)
    draft = uploaded(store, ajustes, workbook(tmp_path, line))
    before = problems(store, draft)
    fix(store, draft, 2, apellidos="RUIZ")
    assert [field for field, _ in before[2]] == ["concepto"]
    assert problems(store, draft) == {}


def test_corrections_are_judged_again(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """A row that is mended may go to the queue, one mended badly says so, a good one can be spoiled."""
    draft = uploaded(store, ajustes, csv(tmp_path, *rows(1), *BAD))
    fix(store, draft, 3, codigo="100777")
    fix(store, draft, 4, celular="3104567890")
    fix(store, draft, 5, apellidos="Ruiz")
    assert [field for field, _ in problems(store, draft)[5]] == ["arreglo_ref"]
    fix(store, draft, 2, ruta="xx")
    assert list(problems(store, draft)) == [2, 5]


def test_twins_follow_what_becomes_of_the_first(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """The second of two rows of a subscriber is to be corrected; it is right once the first changed or was left out."""
    twins = [row(codigo="200001"), row(codigo="200001", solicitud="S-1"), row(codigo="200002", solicitud="S-1")]
    draft = uploaded(store, ajustes, csv(tmp_path, *twins))
    assert problems(store, draft) == {
        3: [("codigo", "este suscriptor ya está en la fila 2; deje una sola")],
        4: [("solicitud", "esta referencia ya está en la fila 3; deje una sola")],
    }
    assert borrador.leave_out(store, draft, 2, fuera=True)[1].numero == 3
    assert list(problems(store, draft)) == [4]
    borrador.leave_out(store, draft, 2, fuera=False)
    assert fix(store, draft, 3, codigo="200003") == [3, 2, 4]
    assert list(problems(store, draft)) == [4]
    fix(store, draft, 4, codigo="200003", solicitud="S-2")
    assert problems(store, draft) == {4: [("codigo", "este suscriptor ya está en la fila 3; deje una sola")]}


def test_what_is_queued_leaves_and_what_is_left_out_goes_at_the_end(
    store: Store, ajustes: Settings, tmp_path: Path
) -> None:
    """Good rows become cases of one lot under who sent them; the draft stays while something is to be corrected."""
    draft = uploaded(store, ajustes, csv(tmp_path, *rows(3), row(codigo="x")))
    borrador.leave_out(store, draft, 2, fuera=True)
    send(store, ajustes, draft)
    assert state(store, draft) == ("abierto", 4, 2)
    fix(store, draft, 5, codigo="200009")
    send(store, ajustes, draft)
    assert state(store, draft) == ("enviado", 4, 3)
    assert left(store) == 0
    lot = borradores.found(store, draft)["lote"]
    found = cases.by_lot(store, lot)
    assert [(line["fila"], line["resultado"], line["asesor"]) for line in found] == [
        (3, "nuevo", "sofia"),
        (4, "nuevo", "sofia"),
        (5, "nuevo", "sofia"),
    ]


def test_what_the_queue_refuses_comes_back_with_its_case(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """A row that repeats a case comes back and names it; with a new occasion it may go, and the lot has it once."""
    first = uploaded(store, ajustes, csv(tmp_path, *rows(2)))
    send(store, ajustes, first)
    other = row(codigo="200001", documento="40000001", ruta="02-555")
    draft = uploaded(store, ajustes, csv(tmp_path, rows(1)[0], other))
    send(store, ajustes, draft)
    back = {fila.numero: fila.problemas[0] for fila in borrador_filas.rows(store, draft, solo="malas")}
    assert [(back[n].de, back[n].campo, back[n].caso.startswith("R-")) for n in (2, 3)] == [
        ("cola", "", True),
        ("cola", "ruta", True),
    ]
    fix(store, draft, 3, nueva_ocasion="otro corte")
    borrador.leave_out(store, draft, 2, fuera=True)
    send(store, ajustes, draft)
    lot = borradores.found(store, draft)["lote"]
    assert [(line["fila"], line["resultado"]) for line in cases.by_lot(store, lot)] == [
        (2, "ya_atendido"),
        (3, "nuevo"),
    ]
    assert cases.counts(store) == {"en_cola": 3}


def test_a_sending_that_was_killed_goes_on_and_takes_none_twice(
    store: Store, ajustes: Settings, tmp_path: Path
) -> None:
    """Rows that became cases and still stand in the draft are known by their lot; the dead sender's turn is over."""
    draft = uploaded(store, ajustes, csv(tmp_path, *rows(3)))
    dead = puesta.begin_sending(store, ajustes, draft, "sofia")
    taken = borrador_filas.rows(store, draft, limit=2)
    dead._take(taken)  # and killed before it told the draft
    with pytest.raises(Rejected, match="ya se está poniendo"):
        puesta.begin_sending(store, ajustes, draft, "marta")
    run(store, "UPDATE borradores SET cambiado = :long_ago", long_ago=LONG_AGO)
    assert borradores.is_silent(store, borradores.found(store, draft))
    send(store, ajustes, draft)
    assert not borradores.sent(store, draft, dead.turn, gone=[2], back=[], header=dead.header)
    assert state(store, draft) == ("enviado", 3, 3)
    assert cases.counts(store) == {"en_cola": 3}
    assert one(store, "SELECT count(*) FROM lotes") == 1


def test_a_reading_that_was_killed_is_taken_up(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """While its file is here it is read again from the start, and what the dead reader still writes is refused."""
    draft = uploaded(store, ajustes, csv(tmp_path, *rows(3)))
    run(store, "UPDATE borradores SET estado = 'cargando', cambiado = :long_ago", long_ago=LONG_AGO)
    with pytest.raises(Rejected, match="ya no está en este equipo"):
        borrador.begin_again(store, ajustes, draft)
    folder = ajustes.carpeta / "subidas" / draft
    folder.mkdir()
    csv(folder, *rows(4))
    again = borrador.begin_again(store, ajustes, draft)
    assert not borradores.add(store, draft, 1, again.header, [], hecho=1)
    again.run()
    assert state(store, draft) == ("abierto", 4, 0)
    assert not folder.exists()


def test_a_file_that_is_no_table_makes_no_draft(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """One without the columns, and one that is too big, are refused as wholes."""
    with pytest.raises(Rejected, match="columnas"):
        uploaded(store, ajustes, written(tmp_path, ["1"] * 5, titles=["Código", "Ruta", "Documento", "Celular", "x"]))
    assert one(store, "SELECT count(*) FROM borradores") == 0
    big = tmp_path / "grande.csv"
    with big.open("wb") as file:
        file.truncate(borrador.MOST_BYTES + 1)
    with pytest.raises(Rejected, match="demasiado grande"):
        uploaded(store, ajustes, big)


def test_discarding_erases_the_rows_and_keeps_the_counts(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """A discarded draft holds no personal data, can't be corrected, and can't be sent."""
    draft = uploaded(store, ajustes, csv(tmp_path, *rows(3)))
    assert borrador.discard(store, ajustes, draft) == "descartado"
    assert state(store, draft) == ("descartado", 3, 0)
    assert left(store) == 0
    with pytest.raises(Rejected):
        fix(store, draft, 2, codigo="200001")
    with pytest.raises(Rejected):
        send(store, ajustes, draft)
    assert one(store, "SELECT count(*) FROM lotes") == 0


def test_the_errors_file_has_the_rows_to_correct(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """It is the one of `cola cargar`, with the file's columns, and loads again."""
    draft = uploaded(store, ajustes, csv(tmp_path, *rows(2), *BAD))
    folder = tmp_path / "bajada"
    folder.mkdir()
    path = borrador.errors_file(store, draft, folder)
    assert path.name == "lote.errores.csv"
    again = uploaded(store, ajustes, path)
    assert borrador_filas.counts(store, again) == borrador_filas.Cuentas(filas=3, malas=3, fuera=0)


def test_pages_follow_each_other(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """From any row on, fifty rows; the page before begins fifty rows before."""
    draft = uploaded(store, ajustes, csv(tmp_path, *rows(120)))
    page = borrador_filas.rows(store, draft, desde=52)
    assert [page[0].numero, page[-1].numero] == [52, 101]
    assert borrador_filas.before(store, draft, 52) == 2
    assert borrador_filas.before(store, draft, 2) is None
    assert borrador_filas.rows(store, draft, solo="malas") == []


def test_an_upload_is_private(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """Only its owner may read the file and its folder, whatever its name; read, it goes."""
    with csv(tmp_path, *rows(1)).open("rb") as source:
        path = borrador.keep(source, "../../C:\\mis datos\\lote.csv", borrador.place(ajustes))
    assert path.name == "lote.csv"
    assert [path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777] == [0o600, 0o700]
    borrador.begin(store, ajustes, path, "sofia").run()
    assert not path.parent.exists()


def test_same_file_is_told(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """The same content is the same file, whatever its name."""
    first = uploaded(store, ajustes, csv(tmp_path, *rows(2)))
    second = uploaded(store, ajustes, csv(tmp_path, *rows(2)))
    huella = borradores.found(store, first)["huella"]
    assert [found["id"] for found in borradores.same_file(store, huella, but=second)] == [first]
    assert {found["id"] for found in borradores.recent(store)} == {first, second}


def test_a_new_occasion_of_the_same_file_is_taken_once(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """The row comes back with its case; with a reference of its own it is another request."""
    file = csv(tmp_path, row(codigo="200001", nueva_ocasion="otro corte"), row(codigo="200002", nueva_ocasion="otro"))
    first, second = (uploaded(store, ajustes, file) for _ in range(2))
    send(store, ajustes, first)
    send(store, ajustes, second)
    back = {fila.numero: fila.problemas[0] for fila in borrador_filas.rows(store, second, solo="malas")}
    assert [(back[n].campo, back[n].de, back[n].caso.startswith("R-")) for n in (2, 3)] == [
        ("nueva_ocasion", "cola", True)
    ] * 2
    assert "escriba su referencia" in back[2].mensaje
    assert cases.counts(store) == {"en_cola": 2}
    fix(store, second, 3, solicitud="S-77")
    send(store, ajustes, second)
    assert cases.counts(store) == {"en_cola": 3}


def test_a_new_occasion_of_another_file_is_taken(store: Store, ajustes: Settings, tmp_path: Path) -> None:
    """The same row number of other content says nothing."""
    for reason in ("un corte", "otro corte"):
        draft = uploaded(store, ajustes, csv(tmp_path, row(codigo="200001", nueva_ocasion=reason)))
        send(store, ajustes, draft)
        assert state(store, draft)[0] == "enviado"
    assert cases.counts(store) == {"en_cola": 2}
