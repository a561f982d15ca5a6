"""Opening a case: the same request is never billed twice, and nothing is begun where there is no room."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from a_request import MAP, request, settings

from robot.errors import BrokenJournal, Rejected, SettingsError
from robot.masking import Masker
from robot.records.caso import Caso, load
from robot.records.journal import Journal
from robot.settings import Settings
from robot.work.apertura import check_room, open_case, refuse_repeated, same_request, stored_request


@pytest.fixture
def office(tmp_path: Path) -> Settings:
    """Give an installation without cases."""
    return settings(tmp_path / "datos")


def ended(office: Settings, estado: str) -> Caso:
    """Open the case of the good request and let it end in this state."""
    caso = open_case(office, MAP, request())
    with Journal(caso.folder, Masker()) as journal:
        journal.write("case.state", etapa="cobro", estado=estado)
    return load(caso.folder)


def test_a_new_case_has_its_first_entry_on_disk(office: Settings) -> None:
    """The case folder names what will be billed and by whom it was asked, and no private value."""
    caso = open_case(office, MAP, request(arreglo="acuerdo", arreglo_ref="AP-7"))
    opened = load(caso.folder).opened
    assert opened["caso"] == caso.id == caso.folder.name
    assert opened["productos"] == list(office.productos)
    assert (opened["codigo"], opened["ruta"], opened["arreglo_ref"]) == ("100234", "01-383", "AP-7")
    assert opened["quien_solicita"] == "ANA MARÍA ÑÁÑEZ RUIZ"
    assert opened["ajustes_sha256"] == office.fingerprint()
    text = "".join(path.read_text(encoding="utf-8") for path in caso.folder.iterdir())
    assert "40781234" not in text
    assert "3104567890" not in text


@pytest.mark.parametrize("estado", ["en_curso", "en_duda", "incompleto"])
def test_an_open_case_forbids_another_in_any_event(office: Settings, estado: str) -> None:
    """A case that runs, is in doubt or incomplete forbids another one of its subscriber, also for a new occasion."""
    caso = ended(office, estado)
    later = caso.changed() + timedelta(days=400)
    for again in (request(), request(nueva_ocasion="otra fuga")):
        assert same_request(office, again, later).id == caso.id
        with pytest.raises(Rejected, match=caso.id) as refused:
            open_case(office, MAP, again)
        assert refused.value.advice
    assert len(list(office.casos.iterdir())) == 1


def test_a_waiting_case_is_the_same_request_however_old(office: Settings) -> None:
    """A case that waits for its payment is the same request, unless a person says it is a new occasion."""
    caso = ended(office, "esperando_pago")
    for days in (0, 24, 31, 400):
        assert same_request(office, request(), caso.changed() + timedelta(days=days)).id == caso.id
    assert same_request(office, request(nueva_ocasion="otra fuga")) is None
    with pytest.raises(Rejected, match="esperando el pago") as refused:
        refuse_repeated(office, request())
    assert f"serviweb tramite {caso.id}" in refused.value.advice


@pytest.mark.parametrize(
    ("days", "seconds", "same"), [(0, 0, True), (24, 0, True), (25, -1, True), (25, 0, False), (31, 0, False)]
)
def test_a_finished_case_is_the_same_request_for_25_days(office: Settings, days: int, seconds: int, same: bool) -> None:
    """A finished case younger than `dias_duplicado` is the same request; older, the request is new by itself."""
    caso = ended(office, "terminado")
    now = caso.changed() + timedelta(days=days, seconds=seconds)
    assert (same_request(office, request(), now) is not None) is same
    assert same_request(office, request(nueva_ocasion="otra fuga"), now) is None


def test_the_days_are_a_setting(tmp_path: Path) -> None:
    """An installation decides how long a finished case is the same request."""
    office = settings(tmp_path / "datos", dias_duplicado=30)
    caso = ended(office, "terminado")
    assert same_request(office, request(), caso.changed() + timedelta(days=29)) is not None
    assert same_request(office, request(), caso.changed() + timedelta(days=30)) is None


@pytest.mark.parametrize("estado", ["rechazado", "fallido", "cancelado"])
def test_a_case_that_saved_nothing_forbids_nothing(office: Settings, estado: str) -> None:
    """When nothing of a case is in Serviweb the request may be made again."""
    ended(office, estado)
    assert open_case(office, MAP, request()).estado == "en_curso"


def test_another_subscriber_is_another_request(office: Settings) -> None:
    """A subscriber's open case forbids nothing to others."""
    ended(office, "en_duda")
    assert same_request(office, request(codigo="100235")) is None


def test_a_doubt_is_not_hidden_by_a_later_case(office: Settings) -> None:
    """Of several cases of a subscriber the one that forbids is found, whichever comes first in the folder."""
    doubt = ended(office, "esperando_pago")
    second = open_case(office, MAP, request(nueva_ocasion="otra fuga"))
    assert same_request(office, request(nueva_ocasion="y otra")).id == second.id
    assert doubt.id != second.id


def test_a_rehearsal_is_no_case(office: Settings) -> None:
    """A rehearsal is allowed while a case is open, stands in its own folder and forbids nothing."""
    caso = open_case(office, MAP, request(), rehearsal=True)
    assert caso.folder.parent == office.ensayos
    assert same_request(office, request()) is None


def test_no_room_begins_nothing(tmp_path: Path) -> None:
    """With too little disk, or a data folder that can't be one, no case, no request and no probe file is left."""
    poor = settings(tmp_path / "pobre", minimo_disco_mb=10**9)
    with pytest.raises(SettingsError, match="MB libres"):
        open_case(poor, MAP, request())
    assert [path for path in poor.carpeta.rglob("*") if path.is_file()] == []
    (tmp_path / "archivo").write_text("")
    with pytest.raises(SettingsError, match="No se puede escribir"):
        check_room(settings(tmp_path / "archivo"))


def test_the_request_of_a_case_is_the_one_vouched_for(office: Settings) -> None:
    """The stored request is given back whole; an erased one is refused, another one in its place is a broken case."""
    caso = open_case(office, MAP, request())
    path = office.privado / f"{caso.id}.json"
    assert stored_request(office, caso) == request()
    path.write_text(path.read_text(encoding="utf-8").replace("40781234", "40781235"), encoding="utf-8")
    with pytest.raises(BrokenJournal, match=caso.id):
        stored_request(office, caso)
    path.unlink()
    with pytest.raises(Rejected, match="ya no están"):
        stored_request(office, caso)


def test_the_request_s_own_reference_names_it(office: Settings) -> None:
    """An equal `solicitud` is the same request, years later and for another code; another reference is no excuse."""
    caso = open_case(office, MAP, request(solicitud="S-1"))
    with Journal(caso.folder, Masker()) as journal:
        journal.write("case.state", etapa="tramite", estado="terminado")
    later = load(caso.folder).changed() + timedelta(days=900)
    assert same_request(office, request(codigo="100235", solicitud="S-1"), later).id == caso.id
    assert same_request(office, request(solicitud="S-2"), later) is None
    assert same_request(office, request(solicitud="S-2")).id == caso.id


def test_an_altered_journal_stops_its_subscriber_and_nobody_else(office: Settings) -> None:
    """Whose case can't be trusted is not billed again; the rest of the office works on."""
    caso = open_case(office, MAP, request())
    path = caso.folder / "journal.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("RECONEXION DEL", "RECONEXION  DEL"), encoding="utf-8")
    with pytest.raises(BrokenJournal, match=caso.id):
        open_case(office, MAP, request())
    assert open_case(office, MAP, request(codigo="100235")).codigo == "100235"
    path.write_bytes(b"\x00" * 40 + b"\n")
    with pytest.raises(BrokenJournal, match=caso.id):
        open_case(office, MAP, request(codigo="100236"))
