"""Prepare this folder to run: .venv with the locked packages, the front-end files, a browser; `--dev`: to test, too.

Standard library only. A second run finds everything done and says nothing. Messages are for the person who typed
`make`, in Spanish; full logs are in .venv/*.log. Exit 3: a line must be run by hand first, and it is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCKS = {"run": "requirements-run.lock", "dev": "requirements.lock"}
BROWSER = ("chromium-headless-shell", "fonts-liberation", "fontconfig")  # a bare machine has no letters either
TEST_TOOLS = {"pdftoppm": "poppler-utils", "tesseract": "tesseract-ocr", "Xvfb": "xvfb"}
DOWNLOAD_SECONDS = 300
STEP_SECONDS = 1800


def main() -> None:
    """Do what is missing, in order; stop at the first thing that can't be done."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    options.add_argument("--dev", action="store_true", help="also what the tests need")
    dev = options.parse_args().dev
    if sys.version_info < (3, 11):  # noqa: UP036 — this is the file that tells so
        stop(f"Se necesita Python 3.11 o más nuevo; este es {sys.version.split()[0]}.", "make PYTHON=python3.11 …")
    began = time.monotonic()
    if not ready(dev=dev):
        environment()
        packages(dev=dev)
        driver()
        front_end()
        (VENV / stamp_name(dev=dev)).write_text(fingerprint() + "\n", encoding="utf-8")
    browser()
    if dev:
        test_tools()
    seconds = time.monotonic() - began
    if seconds > 1:
        say(f"Todo listo en {seconds:.0f} s.")


# What is there already.


def ready(*, dev: bool) -> bool:
    """Tell whether .venv and the front-end files are those of the present locks; what the tests have, a run has too."""
    stamps = [VENV / stamp_name(dev=True)] + ([] if dev else [VENV / stamp_name(dev=False)])
    wanted = fingerprint()
    done = any(stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == wanted for stamp in stamps)
    web = ROOT / "robot" / "web"
    return done and PYTHON.exists() and web.is_dir() and any(web.iterdir())


def stamp_name(*, dev: bool) -> str:
    """Name the file that remembers what .venv was made of."""
    return f"preparado-{'dev' if dev else 'run'}.sha256"


def fingerprint() -> str:
    """Hash all that decides what .venv holds, and where it stands: an environment can't be moved."""
    digest = hashlib.sha256(f"{ROOT}\0{sys.version_info[:2]}\0".encode())
    for name in (
        *LOCKS.values(),
        "requirements-node.lock",
        "pyproject.toml",
        "package-lock.json",
        "tools/bootstrap.py",
    ):
        digest.update((ROOT / name).read_bytes() + b"\0")
    return digest.hexdigest()


# .venv and what goes into it.


def environment() -> None:
    """Make .venv, unless one of this Python stands there and works."""
    if PYTHON.exists() and attempt(
        [PYTHON, "-c", f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"]
    ):
        return
    say("Creando el entorno .venv")
    make: list[str | Path] = [sys.executable, "-m", "venv", "--clear", VENV]
    if attempt(make):
        return
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if not is_debian_root() or not any(apt(name) and attempt(make) for name in ("python3-venv", version)):
        shutil.rmtree(VENV, ignore_errors=True)
        stop("Este Python no puede crear entornos (le falta ensurepip).", apt_line("python3-venv"))


def packages(*, dev: bool) -> None:
    """Install exactly the locked packages, checked by hash, then the project itself from this folder."""
    lock = LOCKS["dev" if dev else "run"]
    say(f"Instalando los paquetes de {lock} (una vez; uno o dos minutos)")
    pip("paquetes", "--require-hashes", "-r", ROOT / lock)
    pip("proyecto", "--no-deps", "--no-build-isolation", "--editable", ROOT)


def driver() -> None:
    """See that Playwright's driver starts: its Node needs a library that the barest Debian lacks."""
    start: list[str | Path] = [PYTHON, "-m", "playwright", "--version"]
    if not attempt(start, log="playwright") and not (is_debian_root() and apt("libatomic1") and attempt(start)):
        stop("Playwright no arranca (el detalle está en .venv/playwright.log).", apt_line("libatomic1"))


def front_end() -> None:
    """Bring the files that the case page shows, with the machine's npm or one from a package."""
    if shutil.which("npm") is None:
        say("No hay npm: se instala uno dentro de .venv")
        pip("npm", "--require-hashes", "-r", ROOT / "requirements-node.lock")
    say("Trayendo los archivos de la página del caso")
    run("archivos", [PYTHON, ROOT / "tools" / "assets.py"])


def pip(log: str, *given: str | Path) -> None:
    """Run this environment's pip."""
    run(log, [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *given])


# The browser and the tests' tools.


def browser() -> None:
    """See to a browser: one that is there, else Playwright's download, else the distribution's package."""
    if not browser_starts() and not downloaded_browser():
        if not is_debian_root():
            stop("No hay un navegador y no se pudo descargar.", browser_line())
        say("Instalando el navegador de la distribución")
        if not (apt(*BROWSER) or apt("chromium", *BROWSER[1:])) or not browser_starts():
            stop("El navegador no se pudo instalar.", browser_line())
    if not has_letters() and not (is_debian_root() and apt(*BROWSER[1:])):
        say(f"Aviso: no hay tipos de letra; las páginas saldrían en blanco. Ejecute: {apt_line(*BROWSER[1:])}")


def browser_starts() -> bool:
    """Tell whether the browser that the robot will take starts: Playwright's own may lack system libraries."""
    from robot.browser.executable import NoBrowserError, find

    try:
        one = find()
    except NoBrowserError:
        return False
    if one.path is None or os.name == "nt":
        return True
    note = VENV / "navegador.txt"  # started once, it need not be started at every set-up
    known = f"{one.path} {one.path.stat().st_mtime_ns}\n"
    if note.is_file() and note.read_text(encoding="utf-8") == known:
        return True
    if not one.version:
        return False
    note.write_text(known, encoding="utf-8")
    return True


def downloaded_browser() -> bool:
    """Try Playwright's own download, for a bounded time; many networks don't let it through."""
    say(f"No hay navegador: se intenta descargar el de Playwright (a lo sumo {DOWNLOAD_SECONDS // 60} minutos)")
    command: list[str | Path] = [PYTHON, "-m", "playwright", "install", "chromium-headless-shell"]
    quick = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "15000"}
    return attempt(command, log="descarga", seconds=DOWNLOAD_SECONDS, environ=quick) and browser_starts()


def has_letters() -> bool:
    """Tell whether this machine has any font; only bare Linux machines don't."""
    if not sys.platform.startswith("linux"):
        return True
    folders = [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        Path.home() / ".local/share/fonts",
        Path.home() / ".fonts",
    ]
    return any(
        next(folder.rglob(f"*.{kind}"), None) for folder in folders if folder.is_dir() for kind in ("ttf", "otf", "ttc")
    )


def test_tools() -> None:
    """Install what the tests look at the product with: PDF pages, text in pictures, a screen, PostgreSQL, Chromiums."""
    from robot.browser.executable import found

    kinds = {one.headless_only for one in found()}
    missing = [package for program, package in TEST_TOOLS.items() if shutil.which(program) is None]
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and shutil.which("initdb") is None:
        missing.append("postgresql")  # the tests start a cluster of their own; Debian keeps initdb out of PATH
    missing += [package for package, kind in ((BROWSER[0], True), ("chromium", False)) if kind not in kinds]
    if missing and is_debian_root():
        say(f"Instalando lo que usan las pruebas: {', '.join(missing)}")
        if apt(*missing):
            return
    if missing:
        say(f"Aviso: fallarán las pruebas que usan {', '.join(missing)}. Ejecute: {apt_line(*missing)}")


# Debian's packages.


def is_debian_root() -> bool:
    """Tell whether packages of the distribution can be installed without asking anybody."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt(*names: str) -> bool:
    """Install packages of the distribution; tell whether that worked."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    update: list[str | Path] = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "update"]
    install: list[str | Path] = [
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=120",
        "install",
        "-y",
        "--no-install-recommends",
        *names,
    ]
    attempt(update, log="apt", environ=quiet)  # a stale list may still do
    return attempt(install, log="apt", environ=quiet)


def apt_line(*names: str) -> str:
    """Write the line that a person can run."""
    return f"sudo apt-get install -y --no-install-recommends {' '.join(names)}"


def browser_line() -> str:
    """Write the line that brings a browser to this kind of machine."""
    if shutil.which("apt-get"):
        return apt_line(*BROWSER)
    if os.name == "nt":
        return "winget install Microsoft.Edge"
    if sys.platform == "darwin":
        return "brew install --cask google-chrome"
    return f"{PYTHON} -m playwright install --with-deps chromium-headless-shell"


# Running things and talking.


def attempt(
    command: list[str | Path],
    *,
    log: str = "entorno",
    seconds: float = STEP_SECONDS,
    environ: dict[str, str] | None = None,
) -> bool:
    """Run a command, its output into the log; tell whether it ended well and in time."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
            cwd=ROOT,
            env={**os.environ, **(environ or {})},
        )
        output, ended_well = done.stdout, done.returncode == 0
    except subprocess.TimeoutExpired as late:
        output, ended_well = (late.stdout or b"") + f"\nNo terminó en {seconds:.0f} s.\n".encode(), False
    except OSError as error:
        output, ended_well = f"{error}\n".encode(), False
    VENV.mkdir(exist_ok=True)
    with log_file(log).open("ab") as file:
        file.write(f"$ {' '.join(map(str, command))}\n".encode() + output)
    return ended_well


def run(log: str, command: list[str | Path]) -> None:
    """Run a command that must end well, else show the end of its log and stop."""
    if attempt(command, log=log):
        return
    lines = log_file(log).read_text(encoding="utf-8", errors="replace").splitlines()
    print("\n".join(lines[-15:]), file=sys.stderr)
    sys.exit(f"✗ Este paso falló. Todo el detalle: {log_file(log).relative_to(ROOT)}")


def log_file(name: str) -> Path:
    """Name a step's log."""
    return VENV / f"{name}.log"


def say(message: str) -> None:
    """Tell the person what is going on."""
    print(f"· {message}", flush=True)


def stop(reason: str, line: str) -> NoReturn:
    """Tell the person the one line to run, and stop."""
    print(f"✗ {reason} Ejecute esta línea y repita:\n\n    {line}\n", file=sys.stderr)
    sys.exit(3)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    main()
