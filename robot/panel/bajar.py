"""Files that are written only to be taken away: in a private folder, which goes when the browser has them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastapi import Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from robot.panel.contexto import Panel

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def bajar(panel: Panel, kind: str, write: Callable[[Path], Path]) -> Response:
    """Let *write* make a file in the folder that it gets, and send it."""
    outside = panel.settings.carpeta / "bajadas"
    outside.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(dir=outside))
    try:
        path = write(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    gone = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(path, media_type=kind, filename=path.name, background=gone)
