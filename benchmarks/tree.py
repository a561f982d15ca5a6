"""CPU and memory of a process with everything below it: an arm, Playwright's driver and the browser's processes."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Self

import psutil  # type: ignore[import-untyped]  # it ships no types

_INTERVAL_SECONDS = 0.1


class Tree:
    """The processes below, and with, one process."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)

    def cpu_seconds(self) -> float:
        """Return the CPU seconds of all, also of those that have ended: a parent keeps the time of its dead children.

        Windows keeps none; there, what ended during a case is missing.
        """
        total = 0.0
        for process in self._all():
            with suppress(psutil.Error):
                total += sum(process.cpu_times()[:4])  # user, system, and both of the children that have ended
        return total

    def memory(self) -> tuple[int, int]:
        """Return the bytes in use as (PSS, RSS) sums; PSS counts shared pages once, and is 0 where there is none."""
        pss = rss = 0
        for process in self._all():
            with suppress(psutil.Error):
                full = process.memory_full_info()
                pss += getattr(full, "pss", 0)
                rss += full.rss
        return pss, rss

    def _all(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            return [self._root, *self._root.children(recursive=True)]
        return []


class Peak:
    """The largest memory of a tree while the block runs, sampled on a thread."""

    def __init__(self, tree: Tree) -> None:
        self.pss = 0
        self.rss = 0
        self._tree = tree
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            pss, rss = self._tree.memory()
            self.pss, self.rss = max(self.pss, pss), max(self.rss, rss)
            if self._over.wait(_INTERVAL_SECONDS):
                return
