"""Native dialogs of a context: what the map reads or knows, and what nobody expected, which stops the case (D8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.async_api import Dialog

from robot.browser.maps import Advisory, Control
from robot.text import plain


@dataclass
class Dialogs:
    """What native dialogs said. One that nobody expected is dismissed and stops the case with its text (D8).

    *expected* while a commit waits for its confirmation box, which then stays open in *pending* for `Run.answer`.
    *heard* are the texts, since the step began, of alerts that the map reads something from (`in = "dialog"`); *known*
    those of its `avisos`, closed and not written down yet. Only an alert is closed by itself: it has one answer.
    """

    expected: bool = False
    pending: Dialog | None = None
    heard: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    _spoken: Sequence[Control] = ()
    _advisories: Sequence[Advisory] = ()

    def learn(self, controls: Sequence[Control], advisories: Sequence[Advisory]) -> None:
        """Take from a map which alerts it reads and which boxes it knows to be harmless."""
        self._spoken = [control for control in controls if control.where == "dialog"]
        self._advisories = [advisory for advisory in advisories if advisory.box is None]

    async def seen(self, dialog: Dialog) -> None:
        """Keep an expected dialog open for `Run.answer`, close what the map knows, note and dismiss any other."""
        text = plain(dialog.message)
        if dialog.type == "beforeunload":
            await dialog.accept()
        elif dialog.type == "alert" and any(known.pattern.search(text) for known in self._advisories):
            self.known.append(text)
            await dialog.accept()
        elif self.expected and self.pending is None:
            self.pending = dialog
        elif dialog.type == "alert" and any(matches(control, text) for control in self._spoken):
            self.heard.append(text)
            await dialog.accept()
        else:
            self.unexpected.append(text)
            await dialog.dismiss()

    def said(self, control: Control) -> list[str]:
        """Return what the control's alerts have said since the step began."""
        return [text for text in self.heard if matches(control, text)]


def matches(control: Control, text: str) -> bool:
    """Say whether the text of a native dialog is the control's."""
    return control.pattern is not None and control.pattern.search(text) is not None
