"""Find the data that travels with the program: in a checkout beside it, in an installed wheel inside it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from robot.errors import SettingsError

_PACKAGE = Path(__file__).parent


def maps_folder() -> Path:
    """Return the folder of the bundled selector maps."""
    for folder in (_PACKAGE.parent / "selectors", _PACKAGE / "_data" / "selectors"):
        if folder.is_dir():
            return folder
    raise SettingsError("La instalación está incompleta: no trae los mapas de pantallas")


def demo_requests() -> Path:
    """Return the batch of the demonstration; in an installed wheel the fixtures stand in the bundled Serviweb."""
    name = "lote-de-demostracion.csv"
    serviweb = find_spec("mock_serviweb")
    inside = [Path(place) / "_data" / "fixtures" for place in (serviweb and serviweb.submodule_search_locations) or ()]
    for folder in (_PACKAGE.parent / "fixtures", *inside):
        if (folder / name).is_file():
            return folder / name
    raise SettingsError("La instalación está incompleta: no trae los datos de la demostración")


def map_folder(name: str) -> Path:
    """Return the folder of a map: a bundled name, or a path of the installation's own."""
    if "/" not in name and "\\" not in name and (maps_folder() / name).is_dir():
        return maps_folder() / name
    return Path(name).expanduser().absolute()
