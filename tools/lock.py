"""Write the three lock files anew: versions and hashes of every package, the name of no host.

Pins that still fit are kept; `--upgrade` takes the newest. uv runs from an environment that is thrown away.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALL, RUN, NODE = "requirements.lock", "requirements-run.lock", "requirements-node.lock"
COMPILE = "pip compile --quiet --universal --generate-hashes --python-version 3.11"
NO_HOST = "--no-header --no-emit-index-url --no-emit-find-links"


def main() -> None:
    """Compile the tests' lock first; the others take the same versions."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        programs = Path(folder) / ("Scripts" if os.name == "nt" else "bin")
        subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)
        uv: list[str | Path] = [programs / "uv", *COMPILE.split(), *NO_HOST.split(), *sys.argv[1:]]
        subprocess.run([*uv, "--group", "dev", "--group", "build", "pyproject.toml", "-o", ALL], check=True, cwd=ROOT)
        subprocess.run([*uv, "--group", "build", "-c", ALL, "pyproject.toml", "-o", RUN], check=True, cwd=ROOT)
        subprocess.run([*uv, "--group", "node", "-c", ALL, "-o", NODE], check=True, cwd=ROOT)
    for name in (ALL, RUN, NODE):
        if "://" in (ROOT / name).read_text(encoding="utf-8"):
            sys.exit(f"{name} names a host.")


if __name__ == "__main__":
    main()
