"""What a gate tells, kept in memory, and what the server had seen when it was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from small_site import Site


@dataclass
class Memory:
    """The gate's witness: it remembers, and refuses with *error* if a test says so."""

    site: Site
    error: Exception | None = None
    sents: list[dict[str, Any]] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    early: list[int] = field(default_factory=list)
    looks: int = 0

    def sent(self, **data: Any) -> None:
        """Keep what is about to leave."""
        if self.error:
            raise self.error
        self.early.append(len(self.site.writes()))
        self.sents.append(data)

    def note(self, event: str, **data: Any) -> None:
        """Keep what happened."""
        self.notes.append((event, data))

    async def before_answer(self) -> None:
        """Keep that the gate asked before it gave the page its answer."""
        self.looks += 1

    @property
    def events(self) -> list[str]:
        """Return the names of what happened, in order."""
        return [event for event, _ in self.notes]
