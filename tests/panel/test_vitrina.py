"""Every page of the panel: accessible at both sizes and themes, no script of it fails; the guides' pictures."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page
from vitrina import PAGINAS, ROOT, Vitrina, vitrina_en

from robot.panel.app import PANEL_ROUTERS

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
FOTOS = ROOT / "docs" / "imagenes" / "panel"
GUIAS = [(ROOT / "docs" / f"guia-{name}.md").read_text(encoding="utf-8") for name in ("asesor", "supervisor")]
FRAGMENTS = re.compile(
    r"/eventos$|/pulso$|/avance$|/cuenta$|/exportar|\.(csv|xlsx|pdf|json|html)$|\{forma\}$|\{archivo\}$|/papeles/|/diario$"
    r"|/consultas$|/suscriptor$|/filas/|/cifras$|/csv$|/cadena$|^/$|^/salir$|/candidatos|/imagen"
)
"""Addresses that aren't pages: parts of one, streams, files, and what only sends on."""


@pytest.fixture(scope="module")
def vitrina(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vitrina]:
    """Give an office with something of everything."""
    with vitrina_en(browser, tmp_path_factory.mktemp("vitrina")) as vitrina:
        yield vitrina


def serious(page: Page) -> list[dict[str, Any]]:
    """Return what axe finds serious or worse on a page: the rule, and where."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        {"rule": one["id"], "where": [node["target"] for node in one["nodes"]][:5]}
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("name", PAGINAS)
def test_a_page_is_accessible(vitrina: Vitrina, name: str) -> None:
    """No serious violation on a desk in light and on a phone in dark; nothing overflows; no script fails."""
    failed: list[str] = []
    for ancho, alto, oscuro in ((1366, 768, False), (390, 844, True)):
        page = vitrina.pagina(name, ancho=ancho, alto=alto, oscuro=oscuro)
        page.on("pageerror", lambda error: failed.append(str(error)))
        assert serious(page) == [], (ancho, oscuro)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} px too wide at {ancho}"
        if where := os.environ.get("MIRAR"):
            page.screenshot(path=Path(where) / f"{name}-{ancho}.png", full_page=True)
    assert failed == []


def test_every_page_is_looked_at() -> None:
    """A new page of the panel stands in PAGINAS, or is no page."""
    pages = {
        re.sub(r"\{\w+\}", "{}", route.path)
        for router in PANEL_ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in route.methods and not FRAGMENTS.search(route.path)
    }
    known = {re.sub(r"\{\w+\}|(?<=/personas/)\w+", "{}", path) for _, path in PAGINAS.values()}
    assert pages - known == {"/casos/{}/pago", "/esperando-pago/{}"} & (pages - known)


def pictures(text: str) -> list[str]:
    """Return the names of the pictures that a guide shows."""
    return re.findall(r"\(imagenes/panel/([\w-]+)\.png\)", text)


@pytest.mark.parametrize("name", sorted({name for text in GUIAS for name in pictures(text)}))
def test_the_guides_show_the_panel(vitrina: Vitrina, name: str, tmp_path: Path) -> None:
    """Each picture of the guides is one of a page of today; FOTOS=1 takes them again."""
    page = vitrina.pagina(name)
    page.wait_for_load_state("networkidle")
    folder = FOTOS if os.environ.get("FOTOS") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")
    assert (FOTOS / f"{name}.png").is_file()


def test_the_guides_name_what_the_panel_has(vitrina: Vitrina) -> None:
    """Every section of the menu, by its words, stands in a guide."""
    page = vitrina.pagina("personas")
    words = page.get_by_role("navigation", name="Secciones").get_by_role("link").all_inner_texts()
    assert [word for word in words if not any(f"**{word}**" in text for text in GUIAS)] == [], json.dumps(words)
