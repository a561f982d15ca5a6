"""Stop a `serviweb …` (SIGSTOP) once, when a document's own request waits at the wire gate: its click was made."""

from __future__ import annotations

import os
import signal
from typing import Any

from playwright.async_api import Request, Route

from robot.browser.gate import WireGate


def freeze_at(kind: str) -> None:
    """Wrap the gate: the first request of that document freezes the whole process, before it is let out."""
    hold = WireGate._hold
    done = False

    async def frozen(gate: WireGate, route: Route, request: Request) -> None:
        nonlocal done
        effect: Any = gate.witness
        if not done and effect.kind == kind and gate._is_write(request.url):
            done = True
            os.kill(os.getpid(), signal.SIGSTOP)
        await hold(gate, route, request)

    WireGate._hold = frozen  # type: ignore[method-assign]
