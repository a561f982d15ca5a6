"""The controls whose content is personal data, as the recorder and the pictures look for them in a page.

`private.js` finds them by the map's own selectors, Playwright's CSS included. It never leaves one out in silence: where
a selector can't be read, the control's whole container is covered. Without a container to bound it, everything is:
the recording shows dots only, and no picture is taken at all (`covered.PictureError`), since one covered whole proves
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from robot.browser.maps import Control


@dataclass(frozen=True, kw_only=True)
class PrivateControl:
    """A control whose content is personal data, as the map finds it.

    With `many`: rows, of which only this case's own are shown. It is looked for in every frame of the page, so
    `frame` is only carried along.
    """

    screen: str
    key: str
    role: str | None = None
    name: str | None = None
    label: str | None = None
    placeholder: str | None = None
    text: str | None = None
    test_id: str | None = None
    css: str | None = None
    within: PrivateControl | None = None
    frame: tuple[str, ...] = ()
    many: bool = False

    def fields(self) -> dict[str, Any]:
        """Return what the page's scripts need of it, as JSON data."""
        told = ("role", "name", "label", "placeholder", "text", "test_id", "css", "many")
        fields = {name: value for name in told if (value := getattr(self, name))}
        fields["title"] = f"{self.screen}.{self.key}"
        return {**fields, "within": self.within.fields()} if self.within else fields


def private_controls(controls: Iterable[Control]) -> list[PrivateControl]:
    """Return the private controls of a map, each with the control that it lies within."""
    by_key = {(control.screen, control.key): control for control in controls}

    def translated(control: Control) -> PrivateControl:
        outer = by_key[(control.screen, control.within)] if control.within else None
        same = ("screen", "key", "role", "name", "label", "placeholder", "text", "test_id", "css", "frame", "many")
        return PrivateControl(
            within=translated(outer) if outer else None, **{name: getattr(control, name) for name in same}
        )

    return [translated(control) for control in by_key.values() if control.private]
