"""A process that works until it is told to stop: what test_senales.py sends signals to."""

from __future__ import annotations

import asyncio
import sys

from robot.work.senales import Stop, escuchar


def say(text: str) -> None:
    """Write a line that the test waits for."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def work(stop: Stop) -> None:
    """Be a worker: idle, in a document, with a blocked loop, or deaf, as the argument says."""
    mode = sys.argv[1]
    refused = asyncio.Event()

    def told(text: str) -> None:
        say(f"aviso {stop.wanted}: {text}")
        if not stop.may_commit:
            refused.set()

    with escuchar(stop, told):
        say("listo")
        if mode == "idle":
            asked = await stop.wait()
            say(f"libre {asked} {stop.wanted}")
        elif mode == "document":
            await refused.wait()
            say(f"sin guardar {stop.wanted}")
        elif mode == "blocked":
            sys.stdin.readline()  # the loop's thread waits here: no callback of the loop runs
            say("desbloqueado")
        elif mode == "stubborn":
            await asyncio.Event().wait()
    say("afuera")
    if mode == "idle":
        await asyncio.Event().wait()  # Ctrl-C means again what it meant before


def main() -> None:
    """Run until somebody ends it."""
    try:
        asyncio.run(work(Stop()))
    except KeyboardInterrupt:
        say("KeyboardInterrupt")
        sys.exit(130)


if __name__ == "__main__":
    main()
