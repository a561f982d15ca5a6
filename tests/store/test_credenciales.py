"""Passwords of Serviweb's users: kept in a keyring that other processes read too, else encrypted, never readable."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as DeafKeyring
from sqlalchemy import select, update

from robot.errors import Rejected, SettingsError
from robot.records.store import credenciales as table
from robot.records.store.engine import Store
from robot.records.store.schema_panel import credenciales as rows
from robot.settings import Settings, load
from robot.work import credenciales

SECRET = "Ñandú|42 “clave”"
BACKEND = '''
import json, pathlib
from keyring.backend import KeyringBackend

class File(KeyringBackend):
    """A keyring in a file, as the tests' processes share it."""
    priority = 9
    path = pathlib.Path(PATH)

    def _all(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get_password(self, service, name):
        return self._all().get(f"{service}/{name}")

    def set_password(self, service, name, password):
        self.path.write_text(json.dumps({**self._all(), f"{service}/{name}": password}))

    def delete_password(self, service, name):
        kept = self._all()
        del kept[f"{service}/{name}"]
        self.path.write_text(json.dumps(kept))
'''


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Give an installation on a machine without a keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield load(carpeta=tmp_path / "datos", usuario="robot1", llave="k" * 40)
    keyring.set_keyring(before)


@pytest.fixture
def llavero(settings: Settings) -> Path:
    """Give the machine a keyring that only this process reads, and return its file."""
    path = settings.carpeta.parent / "llavero.json"
    code = path.parent / "file_keyring.py"
    code.write_text(BACKEND.replace("PATH", repr(str(path))), encoding="utf-8")
    keyring.set_keyring(runpy.run_path(str(code))["File"]())
    return path


@pytest.fixture
def shared(llavero: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let other processes read that keyring too."""
    monkeypatch.setenv("PYTHONPATH", str(llavero.parent))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "file_keyring.File")
    return llavero


def dump(store: Store) -> str:
    """Return all that the table holds."""
    with store.read() as connection:
        return repr(connection.execute(select(rows)).all())


def place(settings: Settings, store: Store, usuario: str) -> str:
    """Return where a password is."""
    found = credenciales.where(settings, store, usuario)
    return found.lugar if found else ""


def test_without_a_keyring_it_is_encrypted(store: Store, settings: Settings) -> None:
    """The table holds who kept it and when, and nothing from which the password is read."""
    credenciales.keep(settings, store, " ana.sw ", SECRET, "ana")
    own = credenciales.of_user(settings, store, "ana.sw")
    assert (own.usuario, own.password()) == ("ana.sw", SECRET)
    assert SECRET not in dump(store)
    assert SECRET not in repr(own)
    found = credenciales.where(settings, store, "ana.sw")
    assert found is not None
    assert (found.lugar, found.por) == ("cifrada", "ana")
    assert found.cuando


def test_a_keyring_that_keeps_nothing_is_none(store: Store, settings: Settings) -> None:
    """A backend that takes passwords and forgets them doesn't count."""
    keyring.set_keyring(DeafKeyring())
    credenciales.keep(settings, store, "ana.sw", SECRET, "ana")
    assert place(settings, store, "ana.sw") == "cifrada"
    assert credenciales.of_user(settings, store, "ana.sw").password() == SECRET


@pytest.mark.usefixtures("llavero")
def test_a_keyring_for_this_process_alone_is_not_enough(store: Store, settings: Settings) -> None:
    """The robot's process could not read it there: it is encrypted, and no copy stays in the keyring."""
    credenciales.keep(settings, store, "ana.sw", SECRET, "ana")
    assert place(settings, store, "ana.sw") == "cifrada"
    assert keyring.get_password("serviweb", "ana.sw") is None


@pytest.mark.usefixtures("shared")
def test_one_machine_uses_its_keyring_several_the_database(store: Store, settings: Settings) -> None:
    """On one machine the keyring has it and the table nothing; machines that share a database can't share a keyring."""
    credenciales.keep(settings, store, "ana.sw", SECRET, "ana")
    assert place(settings, store, "ana.sw") == ("llavero" if store.is_sqlite else "cifrada")
    assert keyring.get_password("serviweb", "ana.sw") == (SECRET if store.is_sqlite else None)
    row = table.found(store, "ana.sw")
    assert row is not None
    assert (row["cifrada"] == "") is store.is_sqlite
    assert credenciales.of_user(settings, store, "ana.sw").password() == SECRET


@pytest.mark.usefixtures("llavero")
def test_where_both_have_one_the_newer_counts(store: Store, settings: Settings) -> None:
    """On one machine that is what was written into the keyring by hand; on several, what the advisor kept."""
    credenciales.keep(settings, store, "ana.sw", SECRET, "ana")
    keyring.set_password("serviweb", "ana.sw", "otra")
    assert credenciales.of_user(settings, store, "ana.sw").password() == ("otra" if store.is_sqlite else SECRET)
    assert place(settings, store, "ana.sw") == ("llavero" if store.is_sqlite else "cifrada")


def test_the_settings_count_first(store: Store, settings: Settings) -> None:
    """SERVIWEB_CLAVE and SERVIWEB_CLAVES are what an installer wrote; they can't be forgotten here."""
    named = {"usuario": "robot1", "clave": "de-los-ajustes", "usuarios": ("b", "c"), "claves": "de-b|de-c"}
    given = load(carpeta=settings.carpeta, llave="k" * 40, **named)
    for usuario, clave in (("robot1", "de-los-ajustes"), ("b", "de-b"), ("c", "de-c")):
        credenciales.keep(given, store, usuario, "vieja", "ana")
        assert credenciales.of_user(given, store, usuario).password() == clave
        assert place(given, store, usuario) == "ajustes"
        with pytest.raises(Rejected, match="ajustes"):
            credenciales.forget(given, store, usuario)
    with pytest.raises(SettingsError):
        credenciales.of_user(given, store, "d")


def test_the_robots_own_user_may_be_kept_too(store: Store, settings: Settings) -> None:
    """Without SERVIWEB_CLAVE the configured user's password is looked for in the same places."""
    credenciales.keep(settings, store, "robot1", SECRET, "admin")
    assert credenciales.of_user(settings, store, "robot1").password() == SECRET


def test_a_missing_one_says_who_keeps_it(store: Store, settings: Settings) -> None:
    """The sentence names the user, and what the advisor does."""
    with pytest.raises(SettingsError, match=r"ana\.sw") as caught:
        credenciales.of_user(settings, store, "ana.sw")
    assert "Mi cuenta" in caught.value.advice
    assert place(settings, store, "ana.sw") == ""
    assert place(settings, store, "") == ""


@pytest.mark.usefixtures("llavero")
def test_a_newer_one_replaces_it_and_it_can_be_forgotten(store: Store, settings: Settings) -> None:
    """There is one password a user, and none after it was erased, in the keyring neither."""
    credenciales.keep(settings, store, "ana.sw", "primera", "ana")
    credenciales.keep(settings, store, "ana.sw", SECRET, "ana")
    keyring.set_password("serviweb", "ana.sw", "a mano")
    credenciales.forget(settings, store, "ana.sw")
    assert dump(store) == "[]"
    assert keyring.get_password("serviweb", "ana.sw") is None
    with pytest.raises(SettingsError):
        credenciales.of_user(settings, store, "ana.sw")


def test_a_row_moved_to_another_user_is_worth_nothing(store: Store, settings: Settings) -> None:
    """Who can write into the database can't let an advisor work with another's password."""
    credenciales.keep(settings, store, "sofia.sw", SECRET, "sofia")
    with store.write() as connection:
        connection.execute(update(rows).values(usuario="ana.sw"))
    with pytest.raises(SettingsError):
        credenciales.of_user(settings, store, "ana.sw")


def test_another_key_opens_nothing(store: Store, settings: Settings) -> None:
    """With another key the sentence says what to restore."""
    credenciales.keep(settings, store, "ana.sw", SECRET, "ana")
    other = load(carpeta=settings.carpeta, usuario="robot1", llave="z" * 40)
    with pytest.raises(SettingsError, match="otra llave"):
        credenciales.of_user(other, store, "ana.sw")


@pytest.mark.parametrize(
    ("usuario", "clave"), [("", "x"), ("a\nb", "x"), ("u" * 121, "x"), ("u", ""), ("u", "x" * 241)]
)
def test_what_is_no_user_or_password_is_not_kept(store: Store, settings: Settings, usuario: str, clave: str) -> None:
    """Empty, broken and endless ones are refused."""
    with pytest.raises(Rejected):
        credenciales.keep(settings, store, usuario, clave, "ana")
