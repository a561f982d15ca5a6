"""The panel's key: made once, never in the database, worth nothing to whoever has another."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot.errors import SettingsError
from robot.records.boveda import FILE, Boveda, boveda_of
from robot.settings import load

ONE, OTHER = Boveda(b"1" * 40), Boveda(b"2" * 40)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_only_the_same_key_opens(text: str) -> None:
    """What was encrypted comes back, is never the same twice, and another key gets an error."""
    sealed = ONE.cifrar(text)
    assert ONE.descifrar(sealed) == text
    assert ONE.cifrar(text) != sealed
    with pytest.raises(SettingsError, match="otra llave"):
        OTHER.descifrar(sealed)


@pytest.mark.parametrize("damaged", ["", "x", "ñ", "gAAAAA"])
def test_what_was_damaged_is_said(damaged: str) -> None:
    """Damaged text is the same error, never another."""
    with pytest.raises(SettingsError):
        ONE.descifrar(damaged)


def test_names_depend_on_kind_value_and_key() -> None:
    """A document and a phone with the same digits have other hashes, and so have other keys."""
    hashes = {box.huella(kind, "3124567890") for box in (ONE, OTHER) for kind in ("documento", "celular")}
    assert len(hashes) == 4
    assert ONE.huella("documento", "1") == Boveda(b"1" * 40).huella("documento", "1")
    assert all(len(text) == 64 for text in hashes)


def test_the_key_shows_nowhere() -> None:
    """Its text says nothing."""
    assert repr(ONE) == str(ONE) == "Boveda(…)"


def test_the_file_is_made_once_however_many_ask(tmp_path: Path) -> None:
    """Of several at once one makes it; all have the same, and no half-written file stays."""
    settings = load(carpeta=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: boveda_of(settings).huella("a", "b"), range(16)))
    assert len(set(found)) == 1
    assert [path.name for path in settings.privado.iterdir()] == [FILE]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    """Folder and file are for their owner alone."""
    settings = load(carpeta=tmp_path)
    boveda_of(settings)
    assert settings.privado.stat().st_mode & 0o077 == 0
    assert (settings.privado / FILE).stat().st_mode & 0o077 == 0


def test_a_damaged_file_is_no_key(tmp_path: Path) -> None:
    """An empty file would be a key that everybody knows."""
    settings = load(carpeta=tmp_path)
    boveda_of(settings)
    (settings.privado / FILE).write_bytes(b"\n")
    with pytest.raises(SettingsError, match="dañada"):
        boveda_of(settings)


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    """A key that can be guessed is none."""
    with pytest.raises(SettingsError, match="32"):
        boveda_of(load(carpeta=tmp_path, llave="corta"))


def test_machines_that_share_a_database_need_one_key(tmp_path: Path) -> None:
    """A file of one machine would open nothing on the others."""
    shared = {"carpeta": tmp_path, "base_datos": "postgresql://x@y/z"}
    with pytest.raises(SettingsError, match="SERVIWEB_LLAVE"):
        boveda_of(load(**shared))
    assert boveda_of(load(**shared, llave="k" * 32)).huella("a", "b") == Boveda(b"k" * 32).huella("a", "b")
