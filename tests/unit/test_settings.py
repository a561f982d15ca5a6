"""The one frozen `Settings`: every fault at once, in Spanish, and no secret anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from a_request import MAP, request, settings

from robot.errors import SettingsError
from robot.settings import Settings, load
from robot.work.apertura import open_case
from robot.work.archivo import archivo_of

SECRET = "s3creta-Ñ!"


def faults(given: pytest.ExceptionInfo[SettingsError]) -> dict[str, str]:
    """Return what is wrong by the name of the setting."""
    lines = given.value.reason.splitlines()[1:]
    return {name.strip(): text for name, _, text in (line.partition(": ") for line in lines)}


def test_an_unknown_variable_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt setting is an error that names it and never its value."""
    monkeypatch.setenv("SERVIWEB_CLAVEE", SECRET)
    with pytest.raises(SettingsError) as given:
        load()
    assert faults(given) == {"SERVIWEB_CLAVEE": "no es un ajuste conocido"}
    assert SECRET not in str(given.value)


def test_an_unknown_line_of_the_env_file_is_an_error(tmp_path: Path) -> None:
    """A misspelt setting in `.env` is found too, and a known one is read."""
    (tmp_path / ".env").write_text("SERVIWEB_USUARIO=asesor1\nSERVIWEB_URLL=x\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="SERVIWEB_URLL: no es un ajuste conocido"):
        load()
    (tmp_path / ".env").write_text("SERVIWEB_USUARIO=asesor1\n", encoding="utf-8")
    assert load().usuario == "asesor1"


def test_all_faults_come_at_once_and_in_spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every wrong setting is named in one error, unknown ones with the rest, with no English word."""
    wrong = {
        "INTENTOS": "x",
        "ESPERA_SEGUNDOS": "-1",
        "ESPERA_CONFIRMACION_SEGUNDOS": "301",
        "DIAS_DUPLICADO": "-1",
        "MINIMO_DISCO_MB": "2.5",
        "VISIBLE": "tal vez",
        "EVIDENCIA": "video",
        "PRODUCTOS": "CORTE|CORTE",
        "PATRON_RUTA": "(",
        "OBSERVACION_TRAMITE": "{cedula}",
        "OBSERVACION_FACTURA": "{codigo.nada}",
        "NADA": "1",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(f"SERVIWEB_{name}", value)
    with pytest.raises(SettingsError) as given:
        load()
    assert set(faults(given)) == {f"SERVIWEB_{name}" for name in wrong}
    own_words = {name: text for name, text in faults(given).items() if name != "SERVIWEB_PATRON_RUTA"}
    assert not re.search(r"\b(or|should|input|must|valid|format|object|attribute|of)\b", str(own_words).lower())


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_says_what_it_is(name: str) -> None:
    """Each setting has its Spanish sentence, for the guide and `diagnostico`."""
    assert Settings.model_fields[name].description


def test_given_values_win_and_none_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's value beats the environment's; None and an empty variable leave what stands below."""
    monkeypatch.setenv("SERVIWEB_USUARIO", "del-entorno")
    monkeypatch.setenv("SERVIWEB_ZONA", "")
    assert load(usuario="dado").usuario == "dado"
    assert load(usuario=None).usuario == "del-entorno"
    assert load().zona == "FLORENCIA"


def test_products_are_split_and_never_billed_twice() -> None:
    """Products stand between bars; the same one twice, also in other letters, is refused."""
    assert load(productos=" CORTE | RECONEXIÓN |").productos == ("CORTE", "RECONEXIÓN")
    assert len(load().productos) == 3
    for wrong in ("", "|", "CORTE|CORTE", "Reconexión|RECONEXION"):
        with pytest.raises(SettingsError, match="PRODUCTOS"):
            load(productos=wrong)


def test_a_secret_never_prints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The password is in no repr, str, dump or error, and a case's journal never holds it."""
    monkeypatch.setenv("SERVIWEB_CLAVE", SECRET)
    made = settings(tmp_path)
    assert made.password() == SECRET
    assert SECRET not in f"{made!r} {made} {made.model_dump()} {made.model_dump_json()} {made.clave}"
    with archivo_of(made) as archivo:
        caso = open_case(archivo, MAP, request())
    assert SECRET not in (caso.folder / "journal.jsonl").read_text(encoding="utf-8")
    monkeypatch.setenv("SERVIWEB_INTENTOS", "x")
    with pytest.raises(SettingsError) as given:
        load()
    assert SECRET not in f"{given.value!r} {given.value} {given.value.as_dict()} {given.value.__cause__}"


def test_settings_are_frozen() -> None:
    """Nobody changes a setting once it is built."""
    made = load()
    with pytest.raises(ValueError, match="frozen"):
        made.zona = "OTRA"


def test_the_fingerprint_says_what_is_done_not_where() -> None:
    """What decides the work changes the fingerprint; secrets and places don't, so machines can be compared."""
    plain = load().fingerprint()
    assert re.fullmatch(r"[0-9a-f]{64}", plain)
    same = load(usuario="otro", clave=SECRET, url="https://x/", carpeta=Path("/otra"), navegador=Path("/bin/x"))
    assert same.fingerprint() == plain
    for change in ({"zona": "OTRA"}, {"productos": "CORTE"}, {"dias_duplicado": 1}, {"observacion_factura": "{ruta}"}):
        assert load(**change).fingerprint() != plain


def test_folders_stand_below_the_data_folder(tmp_path: Path) -> None:
    """Cases, rehearsals and requests have folders of their own; the data folder is absolute."""
    made = load(carpeta=Path("datos"))
    assert made.carpeta == tmp_path / "datos"
    assert len({made.casos, made.ensayos, made.privado}) == 3
    assert {folder.parent for folder in (made.casos, made.ensayos, made.privado)} == {made.carpeta}
    assert load().carpeta == Path.home() / "serviweb-datos"
