"""How far a visit has come: what can't be looked at any more, since something that leads to it didn't work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from robot.browser.checking.hands import Cause, Stop

LOGIN: Final = "ingreso.ingresar"


@dataclass
class Reach:
    """Why some controls may well not be there, though nothing is wrong with them."""

    lost: Cause | None = None
    """Nobody is logged in: nothing more is reached."""
    unopened: Cause | None = None
    """The screen did not open."""
    unboxed: Cause | None = None
    """The box or the window did not open."""
    blind: Cause | None = None
    """The screen stands, but not what it shows of the subscriber."""
    unanswered: Cause | None = None
    """What the last button or Enter shows isn't there: it could not be used."""
    unwritten: dict[str, Cause] = field(default_factory=dict)
    """The fields of what is to be sent next that could not be filled."""

    def begin(self, stop: Stop) -> None:
        """Take that the walk comes to a control: a menu begins another screen, a field the next answer."""
        if stop.luego == "encima":
            self.unopened = self.unboxed = self.blind = self.unanswered = None
            self.unwritten.clear()
        elif stop.luego in ("escribir", "escoger"):
            self.unanswered = None

    def excuse(self, *, always: bool) -> Cause | None:
        """Return why a control may be missing; *always*: it shows before anything is typed."""
        return self.lost or self.unopened or self.unboxed or (None if always else self.blind or self.unanswered)

    def barred(self, stop: Stop) -> Cause | None:
        """Return why a control can't be used, though it may be there."""
        if barred := self.lost or self.unopened or (self.unboxed if stop.luego != "cerrar" else None):
            return barred
        # Nobody presses Enter in an empty field, nor tries a password that wasn't written: accounts lock.
        if stop.titulo == LOGIN:
            return next(iter(self.unwritten.values()), None)
        return self.unwritten.get(stop.titulo) if stop.luego == "enter" else None

    def follow(self, stop: Stop, failed: Cause | None, *, typed: str) -> None:
        """Take how a use ended; *typed* names the value that stands in the control."""
        if stop.titulo == LOGIN:
            self.lost = failed
        elif stop.luego in ("encima", "cerrar") or stop.control.startswith("opcion_"):
            self._navigated(stop, failed)
        elif stop.luego in ("escribir", "escoger"):
            self.unwritten.pop(stop.titulo, None)
            if failed:
                self.unwritten[stop.titulo] = failed
        elif stop.luego == "abrir":
            self.unboxed = failed
        elif stop.luego == "escoger_fila":
            self.blind, self.unboxed, self.unanswered = failed or self.unboxed, None, None
            self.unwritten.clear()
        else:
            self.unanswered = failed or next(iter(self.unwritten.values()), None)
            self.unwritten.clear()
            if stop.control == "codigo" and typed != "codigo_malo":
                self.blind = self.unanswered

    def _navigated(self, stop: Stop, failed: Cause | None) -> None:
        self.unopened = self.unopened or failed
        if stop.luego == "cerrar":
            self.unboxed = None
