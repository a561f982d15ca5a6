"""Opening a case: the same request is never billed twice, and nothing is begun where there is no room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from a_request import MAP, request, settings

from robot.errors import Rejected, SettingsError
from robot.masking import Masker
from robot.records.caso import Caso, load
from robot.records.store import cases
from robot.settings import Settings
from robot.work.apertura import check_room, open_case, open_rehearsal
from robot.work.archivo import Archivo, archivo_of
from robot.work.expediente import request_of


@pytest.fixture
def office(tmp_path: Path) -> Settings:
    """Give an installation without cases."""
    return settings(tmp_path / "datos")


@pytest.fixture
def archivo(office: Settings) -> Iterator[Archivo]:
    """Give its database and folders."""
    with archivo_of(office) as archivo:
        yield archivo


def ended(archivo: Archivo, estado: str, **changed: str) -> Caso:
    """Open the case of the good request and let it end in this state."""
    caso = open_case(archivo, MAP, request(**changed))
    cases.change(archivo.store, caso.id, "esperando_pago")
    if estado in ("incompleto", "en_cola", "cancelado"):
        cases.change(archivo.store, caso.id, estado)
    elif estado == "terminado" or estado == "en_duda":
        cases.change(archivo.store, caso.id, "incompleto")
        cases.change(archivo.store, caso.id, estado)
    assert cases.case(archivo.store, caso.id)["estado"] == estado
    return caso


def test_a_new_case_has_its_first_entry_in_both_witnesses(archivo: Archivo) -> None:
    """The case names what will be billed and by whom it was asked, and no private value."""
    caso = open_case(archivo, MAP, request(arreglo="acuerdo", arreglo_ref="AP-7"))
    opened = load(caso.folder).opened
    assert cases.diary(archivo.store, caso.id) == [opened]
    assert opened["caso"] == caso.id == caso.folder.name
    assert opened["productos"] == list(archivo.settings.productos)
    assert (opened["codigo"], opened["ruta"], opened["arreglo_ref"]) == ("100234", "01-383", "AP-7")
    assert opened["quien_solicita"] == "ANA MARÍA ÑÁÑEZ RUIZ"
    assert opened["ajustes_sha256"] == archivo.settings.fingerprint()
    text = "".join(path.read_text(encoding="utf-8") for path in caso.folder.iterdir())
    assert "40781234" not in text
    assert "3104567890" not in text
    assert request_of(archivo.store, caso.id) == request(arreglo="acuerdo", arreglo_ref="AP-7")


@pytest.mark.parametrize(
    ("estado", "words", "remedy"),
    [
        ("en_cola", "en cola", "serviweb cola cancelar"),
        ("esperando_pago", "esperando el pago", "serviweb tramite"),
        ("incompleto", "incompleto", "serviweb continuar"),
        ("en_duda", "EN DUDA", "serviweb dudas"),
        ("terminado", "terminado", "--nueva-ocasion"),
    ],
)
def test_a_repeated_request_is_told_what_to_do(archivo: Archivo, estado: str, words: str, remedy: str) -> None:
    """The refusal names the case, says its state, and what a person does in that state; nothing is left behind."""
    caso = ended(archivo, estado)
    with pytest.raises(Rejected, match=f"El suscriptor 100234 ya tiene el caso {caso.id}: .*{words}") as refused:
        open_case(archivo, MAP, request())
    assert remedy in refused.value.advice
    assert sum(cases.counts(archivo.store).values()) == 1
    assert [path.name for path in archivo.settings.casos.iterdir()] == [caso.id]


@pytest.mark.parametrize("estado", ["en_duda", "incompleto"])
def test_an_open_case_forbids_another_in_any_event(archivo: Archivo, estado: str) -> None:
    """A case in doubt or incomplete forbids another one of its subscriber, also for a new occasion."""
    caso = ended(archivo, estado)
    with pytest.raises(Rejected, match=caso.id):
        open_case(archivo, MAP, request(nueva_ocasion="otra fuga"))
    assert open_case(archivo, MAP, request(codigo="100235")).codigo == "100235"


def test_a_new_occasion_is_another_case(archivo: Archivo) -> None:
    """With a reason a person opens another case beside one that waits for its payment."""
    caso = ended(archivo, "esperando_pago")
    assert open_case(archivo, MAP, request(nueva_ocasion="otra fuga")).id != caso.id


def test_a_request_that_differs_names_the_field(archivo: Archivo) -> None:
    """Beside an unfinished case, other data is not the same request: the field is named, its values are not."""
    caso = ended(archivo, "esperando_pago")
    with pytest.raises(Rejected, match=f"{caso.id}.*no es igual: celular") as refused:
        open_case(archivo, MAP, request(celular="3109999999"))
    assert "3109999999" not in str(refused.value)


def test_a_reference_names_the_case_of_another_subscriber(archivo: Archivo) -> None:
    """An equal reference is the same request, and the refusal doesn't speak of the wrong subscriber."""
    caso = ended(archivo, "terminado", solicitud="S-1")
    with pytest.raises(Rejected, match=f"La solicitud S-1 ya es del caso {caso.id}: terminado"):
        open_case(archivo, MAP, request(codigo="100235", solicitud="S-1"))


def test_a_case_that_saved_nothing_forbids_nothing(archivo: Archivo) -> None:
    """When nothing of a case is in Serviweb the request may be made again."""
    caso = ended(archivo, "cancelado")
    assert open_case(archivo, MAP, request()).id != caso.id


def test_a_case_is_known_without_its_folder(archivo: Archivo) -> None:
    """Another machine's case, or one whose folder is gone, is the same request all the same."""
    caso = ended(archivo, "esperando_pago")
    for path in caso.folder.iterdir():
        path.unlink()
    caso.folder.rmdir()
    with pytest.raises(Rejected, match=caso.id):
        open_case(archivo, MAP, request())


def test_a_rehearsal_is_no_case(office: Settings, archivo: Archivo) -> None:
    """A rehearsal is allowed while a case is open, stands in its own folder and in no database."""
    caso = open_rehearsal(office, MAP, request())
    assert caso.folder.parent == office.ensayos
    assert cases.counts(archivo.store) == {}
    ended(archivo, "en_duda")
    assert open_rehearsal(office, MAP, request()).id != caso.id


def test_no_room_begins_nothing(tmp_path: Path) -> None:
    """With too little disk, or a data folder that can't be one, no case, no request and no probe file is left."""
    poor = settings(tmp_path / "pobre", minimo_disco_mb=10**9)
    with archivo_of(poor) as archivo:
        with pytest.raises(SettingsError, match="MB libres"):
            open_case(archivo, MAP, request())
        assert cases.counts(archivo.store) == {}
    left = [path.name for path in poor.carpeta.rglob("*") if path.is_file()]
    assert [name for name in left if not name.startswith("serviweb.sqlite3")] == []
    (tmp_path / "archivo").write_text("")
    with pytest.raises(SettingsError, match="No se puede escribir"):
        check_room(settings(tmp_path / "archivo"))


def test_a_case_that_could_not_be_begun_is_taken_back(archivo: Archivo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its folder can't be made, its row doesn't wait in the queue."""
    archivo.settings.casos.mkdir(parents=True)

    def full(_folder: Path, _masker: Masker) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archivo, "idle", full)
    with pytest.raises(OSError, match="No space"):
        open_case(archivo, MAP, request())
    assert cases.counts(archivo.store) == {"cancelado": 1}
