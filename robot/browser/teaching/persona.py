"""The person who teaches a map, as the teacher sees them: somebody to tell, to ask, and who points at things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Asked:
    """What a person is asked to point at: `factura.guardar`, with its documented step and what it is called."""

    title: str
    heading: str
    what: str


class Persona(Protocol):
    """A person at a terminal, with the browser beside it; in the tests, one who follows a script."""

    @property
    def name(self) -> str:
        """Who it is: it stands in the map's comments and its history."""

    def say(self, text: str) -> None:
        """Tell something that needs no answer."""

    async def yes(self, question: str) -> bool:
        """Ask something to be answered by yes or no."""

    async def text(self, question: str, *, proposed: str = "") -> str:
        """Ask for a text; what is proposed is taken unless another is given."""

    async def pointing(self, asked: Asked) -> None:
        """Know that the browser waits for something to be pointed at (or for Esc), or to be done where it says so."""
