"""Paso 22: the box that the commit opens is answered only if its text is the map's and names our document."""

from __future__ import annotations

import pytest
from bench import FETCH, SHOWN, Bench
from small_site import answer

from robot.errors import StepFailed, UnexpectedDialog
from robot.records.journal import read

NATIVE = f"""{SHOWN}{FETCH}<button id="guardar">Guardar</button><script>
guardar.onclick = () => {{ if (confirm("{{}}")) enviar().then(t => n.textContent = t) }}</script>"""
BOX = f"""{SHOWN}{FETCH}<button id="guardar" onclick="cuadro.show()">Guardar</button>
<dialog id="cuadro"><p>{{}}</p>
<button onclick="cuadro.close(); enviar().then(t => n.textContent = t)">OK</button></dialog>"""
KINDS = pytest.mark.parametrize("kind", ["native", "page"])


async def asked(on: Bench, kind: str, text: str) -> None:
    """Show a page whose Guardar asks this in a box of this kind, and let the map say so."""
    object.__setattr__(on.run.maps.screens["forma"]["cuadro"], "dialog", kind)
    template = NATIVE if kind == "native" else BOX
    on.site.pages["POST /guardar"] = answer("F-17")
    await on.open(template.replace("{}", text))


def boxes(on: Bench) -> list[tuple[str, bool, bool]]:
    """Return the boxes that the journal tells of: text, expected, accepted."""
    return [(e["text"], e["expected"], e["accepted"]) for e in read(on.folder) if e["event"] == "dialog"]


@KINDS
def test_a_box_that_names_our_document_is_accepted(do, on: Bench, kind: str) -> None:
    """Native or in the page, the expected text with our number is accepted: one POST, confirmed."""
    do(asked(on, kind, "¿Abonar la factura F-16?"))
    assert do(on.save(names="F-16")) == "F-17"
    assert boxes(on) == [("¿Abonar la factura F-16?" + (" OK" if kind == "page" else ""), True, True)]
    assert on.effects == ["intent", "sent", "answered", "confirmed"]
    assert on.posts == 1


@KINDS
@pytest.mark.parametrize(
    ("text", "expected"),
    [("¿Abonar la factura F-15?", True), ("¿Abonar la factura F-160?", True), ("¿Borrar todo?", False)],
    ids=["another", "longer", "unknown"],
)
def test_any_other_box_is_refused(do, on: Bench, kind: str, text: str, expected: bool) -> None:
    """A box that names another document, or says something else, is not accepted: nothing is sent."""

    async def work() -> None:
        await asked(on, kind, text)
        with pytest.raises(UnexpectedDialog, match="no se aceptó") as error:
            await on.save(names="F-16")
        assert text in error.value.reason

    do(work())
    assert on.effects == ["intent", "not_sent"]
    assert on.posts == 0
    ((_, known, accepted),) = boxes(on)
    assert (known, accepted) == (expected, False)


@KINDS
def test_a_box_that_never_comes_sends_nothing(do, on: Bench, kind: str) -> None:
    """When the commit opens no box nothing is sent, and the failure names the control."""

    async def work() -> None:
        await asked(on, kind, "x")
        await on.open(f'{SHOWN}<button id="guardar">Guardar</button>')
        with pytest.raises(StepFailed) as error:
            await on.save(names="F-16")
        assert error.value.control in ("forma.cuadro", "forma.ok")

    do(work())
    assert on.effects == ["intent", "not_sent"]
    assert on.posts == 0


def test_a_second_native_box_is_unexpected(do, on: Bench) -> None:
    """After the expected box another one is dismissed and told; what hung on its yes is not sent."""

    async def work() -> str:
        await asked(on, "native", "¿Abonar la factura F-16?")
        asks = "confirm('¿Abonar la factura F-16?') && confirm('¿Otra vez?') && enviar()"
        await on.session.page.evaluate(f"() => {{ guardar.onclick = () => {asks} }}")
        with pytest.raises(UnexpectedDialog) as error:
            await on.save(names="F-16")
        return error.value.reason

    assert "¿Otra vez?" in do(work())
    assert on.posts == 0
    assert on.effects == ["intent", "not_sent"]
