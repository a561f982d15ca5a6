"""Which browser is taken, on machines made of a few empty files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from robot.browser.executable import Browser, NoBrowserError, find, found

SHELL = "chromium_headless_shell-1200/chrome-headless-shell-linux64/chrome-headless-shell"


def _program(file: Path, version: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho 'Chromium {version} built on Debian'\n", encoding="utf-8")
    file.chmod(0o755)
    return file


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a Linux machine with nothing on it: `bin` is its whole path, `home` its home."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("PLAYWRIGHT_BROWSERS_PATH", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path


def test_the_best_comes_first(machine: Path) -> None:
    """Take the headless shell, then Playwright's own, Chromium, Chrome and Edge, each when the better ones are gone."""
    files = [
        _program(machine / "bin/chromium-headless-shell"),
        _program(machine / "home/.cache/ms-playwright" / SHELL),
        _program(machine / "home/.cache/ms-playwright/chromium-1200/chrome-linux64/chrome"),
        _program(machine / "bin/chromium"),
        _program(machine / "bin/google-chrome"),
        _program(machine / "bin/microsoft-edge"),
    ]
    assert [browser.path for browser in found(os.environ, "linux")] == files
    for file in files:
        assert find().path == file
        file.unlink()
    with pytest.raises(NoBrowserError, match="apt-get install chromium"):
        find()


def test_the_newest_of_playwrights(machine: Path) -> None:
    """Take the highest revision, by number; a half-done download without its program doesn't count."""
    folder = machine / "home/.cache/ms-playwright"
    _program(folder / SHELL.replace("1200", "999"))
    newest = _program(folder / SHELL)
    (folder / "chromium_headless_shell-1300/chrome-headless-shell-linux64").mkdir(parents=True)
    assert find().path == newest


def test_playwrights_folder_can_be_set(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look where PLAYWRIGHT_BROWSERS_PATH says."""
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(machine / "otra"))
    program = _program(machine / "otra" / SHELL)
    assert find().path == program


def test_a_visible_browser(machine: Path) -> None:
    """Pass over what has no window when a window is wanted, and say so when nothing else is there."""
    _program(machine / "bin/chromium-headless-shell")
    with pytest.raises(NoBrowserError, match="con ventana"):
        find(visible=True)
    whole = _program(machine / "bin/chromium")
    assert find(visible=True) == Browser("Chromium", whole)


def test_the_browser_of_the_settings(machine: Path) -> None:
    """Take the file that the settings name before all others; refuse one that isn't there or has no window."""
    _program(machine / "bin/chromium-headless-shell")
    own = _program(machine / "opt/mi-navegador")
    assert find(own).path == own
    with pytest.raises(NoBrowserError, match=r"no existe.*otro"):
        find(machine / "opt/otro")
    with pytest.raises(NoBrowserError, match="no tiene ventana"):
        find(machine / "bin/chromium-headless-shell", visible=True)


def test_the_version_is_asked_when_wanted(machine: Path) -> None:
    """Read the version from the browser itself; one that can't start has none."""
    assert Browser("Chromium", _program(machine / "bin/chromium", "156.0.8078.79")).version == "156.0.8078.79"
    assert Browser("Chromium", machine / "bin/ninguno").version == ""


@pytest.mark.parametrize(
    ("platform", "root", "file", "channel"),
    [
        ("win32", "PROGRAMFILES(X86)", "Microsoft/Edge/Application/msedge.exe", "msedge"),
        ("win32", "PROGRAMFILES", "Google/Chrome/Application/chrome.exe", "chrome"),
        ("win32", "LOCALAPPDATA", "Chromium/Application/chrome.exe", None),
        ("darwin", "HOME", "Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge", "msedge"),
    ],
)
def test_windows_and_macos(tmp_path: Path, platform: str, root: str, file: str, channel: str | None) -> None:
    """Find the browsers of Windows and macOS where their installers put them, with Playwright's channel."""
    program = _program(tmp_path / file)
    (browser,) = found({root: str(tmp_path), "HOME": str(tmp_path), "PATH": ""}, platform)
    assert browser.path == program
    assert browser.options == ({"channel": channel} if channel else {"executable_path": str(program)})


def test_windows_playwrights_own(tmp_path: Path) -> None:
    """Find Playwright's download under LOCALAPPDATA on Windows."""
    program = _program(tmp_path / "ms-playwright/chromium-1200/chrome-win/chrome.exe")
    assert [browser.path for browser in found({"LOCALAPPDATA": str(tmp_path), "PATH": ""}, "win32")] == [program]
