"""The browser that is there: found without starting it, with the standard library alone (the set-up asks it too)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SHELLS = ("chromium-headless-shell", "chrome-headless-shell", "headless_shell")
CHROMIUMS = ("chromium", "chromium-browser")
CHROMES = ("google-chrome", "google-chrome-stable")
EDGES = ("microsoft-edge", "microsoft-edge-stable")
WINDOWS = {
    "Chromium": "Chromium/Application/chrome.exe",
    "Google Chrome": "Google/Chrome/Application/chrome.exe",
    "Microsoft Edge": "Microsoft/Edge/Application/msedge.exe",
}
MACOS = {
    "Chromium": "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome": "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge": "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
}
CHANNELS = {"Google Chrome": "chrome", "Microsoft Edge": "msedge"}
REMEDY = "Instale uno (Debian, Ubuntu: «apt-get install chromium»; Windows, macOS: Edge o Chrome) e intente de nuevo."


class NoBrowserError(LookupError):
    """No hay un navegador que sirva."""


@dataclass(frozen=True)
class Browser:
    """One installed browser: `launch(**browser.options)` starts it."""

    name: str
    path: Path | None = None
    channel: str | None = None
    headless_only: bool = False

    @property
    def options(self) -> dict[str, str]:
        """What Playwright's `launch` takes: the channel where Playwright knows one, else the file."""
        return {"channel": self.channel} if self.channel else {"executable_path": str(self.path)}

    @cached_property
    def version(self) -> str:
        """The version, asked of the browser itself; empty where it doesn't say."""
        if self.path is None:
            return ""
        if sys.platform == "win32":  # chrome.exe --version opens a window; its folder is named after the version
            folders = [entry.name for entry in self.path.parent.iterdir() if re.fullmatch(r"\d+(\.\d+){3}", entry.name)]
            return max(folders, key=lambda name: [int(part) for part in name.split(".")], default="")
        try:
            said = subprocess.run(  # noqa: S603 — the file that was found, no shell
                [self.path, "--version"], capture_output=True, text=True, timeout=10, check=False
            ).stdout
        except (OSError, subprocess.TimeoutExpired):
            return ""
        found = re.search(r"\d+(\.\d+)+", said)
        return found[0] if found else ""


def find(preferred: Path | None = None, *, visible: bool = False) -> Browser:
    """Return the browser to use: the one set, else headless shell, Playwright's own, Chromium, Chrome, Edge.

    With `visible`, a headless shell doesn't serve. Raises `NoBrowserError`, in Spanish, with what to do.
    """
    if preferred is not None:
        return _preferred(preferred, visible=visible)
    for browser in found():
        if not (visible and browser.headless_only):
            return browser
    kind = "un navegador con ventana" if visible else "ningún navegador (Chromium, Chrome o Edge)"
    raise NoBrowserError(f"No se encontró {kind}. {REMEDY}")


def found(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Iterator[Browser]:
    """Yield every browser that is there, best first."""
    yield from _on_path("Chromium headless shell", SHELLS, environ, headless_only=True)
    yield from _playwrights_own(environ, platform)
    for name, commands in (("Chromium", CHROMIUMS), ("Google Chrome", CHROMES), ("Microsoft Edge", EDGES)):
        yield from _on_path(name, commands, environ)
        yield from _in_its_place(name, environ, platform)


def _preferred(path: Path, *, visible: bool) -> Browser:
    program = shutil.which(path)
    if program is None:
        raise NoBrowserError(
            f"El navegador de los ajustes no existe o no se puede ejecutar: {path}. Corrija el ajuste."
        )
    browser = Browser(path.stem, Path(program), headless_only="headless" in path.stem)
    if visible and browser.headless_only:
        raise NoBrowserError(f"El navegador de los ajustes no tiene ventana: {path}. Quite --visible o ponga otro.")
    return browser


def _on_path(
    name: str, commands: tuple[str, ...], environ: Mapping[str, str], *, headless_only: bool = False
) -> Iterator[Browser]:
    for command in commands:
        if program := shutil.which(command, path=environ.get("PATH", "")):
            yield Browser(name, Path(program), headless_only=headless_only)


def _playwrights_own(environ: Mapping[str, str], platform: str) -> Iterator[Browser]:
    """Yield what `playwright install` downloaded, newest first, the headless shell before the whole Chromium."""
    folder = _playwright_folder(environ, platform)
    shells = [file for file in folder.glob("chromium_headless_shell-*/*/*") if re.fullmatch(_SHELL, file.name)]
    whole = [
        *folder.glob("chromium-*/chrome-linux*/chrome"),
        *folder.glob("chromium-*/chrome-win*/chrome.exe"),
        *folder.glob("chromium-*/chrome-mac*/*.app/Contents/MacOS/*"),
    ]
    for file in sorted(shells, key=_revision, reverse=True):
        yield Browser("Chromium headless shell de Playwright", file, headless_only=True)
    for file in sorted(whole, key=_revision, reverse=True):
        yield Browser("Chromium de Playwright", file)


_SHELL = r"(headless_shell|chrome-headless-shell)(\.exe)?"


def _playwright_folder(environ: Mapping[str, str], platform: str) -> Path:
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    if own := environ.get("PLAYWRIGHT_BROWSERS_PATH", "").removeprefix("0"):
        return Path(own)
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData/Local") / "ms-playwright"
    if platform == "darwin":
        return home / "Library/Caches/ms-playwright"
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "ms-playwright"


def _revision(file: Path) -> int:
    number = re.search(r"chromium(?:_headless_shell)?-(\d+)", file.as_posix())
    return int(number[1]) if number else 0


def _in_its_place(name: str, environ: Mapping[str, str], platform: str) -> Iterator[Browser]:
    """Yield a browser that stands where its installer puts it, on Windows and macOS."""
    if platform == "win32":
        roots = [environ[key] for key in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA") if environ.get(key)]
        files = [Path(root) / WINDOWS[name] for root in roots]
    elif platform == "darwin":
        files = [
            root / MACOS[name] for root in (Path("/Applications"), Path(environ.get("HOME", "/")) / "Applications")
        ]
    else:
        return
    yield from (Browser(name, file, CHANNELS.get(name)) for file in files if file.is_file())
