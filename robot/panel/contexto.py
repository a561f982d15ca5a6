"""What every page of the panel works with: settings, map, database, vault, the robot's process, a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from robot.records.store.personas import Persona, Rules
from robot.work.archivo import Archivo

if TYPE_CHECKING:
    from robot.browser.maps import Map
    from robot.panel.robot import Robot
    from robot.records.boveda import Boveda
    from robot.records.store.engine import Store
    from robot.settings import Settings
    from robot.work.navegador import Navegador


@dataclass(kw_only=True)
class Panel:
    """One running panel."""

    settings: Settings
    maps: Map
    store: Store
    boveda: Boveda
    robot: Robot
    navegador: Navegador
    """A browser without a session of Serviweb: it paints pictures of recordings."""
    rules: Rules = field(init=False)

    def __post_init__(self) -> None:
        """Read from the settings how patient the panel is."""
        s = self.settings
        self.rules = Rules(
            intentos=s.panel_intentos,
            bloqueo_minutos=s.panel_bloqueo_minutos,
            sesion_minutos=s.panel_sesion_minutos,
            sesion_horas=s.panel_sesion_horas,
        )

    def archivo(self, persona: Persona | None = None) -> Archivo:
        """Return the cases; for somebody's act, under their Serviweb user where they have one."""
        settings = self.settings
        if persona and persona.serviweb:
            settings = settings.model_copy(update={"usuario": persona.serviweb, "clave": None})
        return Archivo(settings, self.store)
