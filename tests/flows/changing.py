"""A browser whose pages come changed: controls renamed, doubled, hidden, moved, late or switched off."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Browser, BrowserContext

# Where the controls of the default variant stand, as the page itself knows them.
PLACES = {
    "menu": '[aria-controls][aria-haspopup="menu"]',
    "opcion factura": 'a[href="/factura"]',
    "forma de pago": "#factura select[name=forma_pago]",
    "codigo": "#codigo",
    "suscriptor": "#suscriptor",
    "ruta": "#ruta",
    "tipo de documento": "#factura select[name=tipo_documento]",
    "documento": "#documento",
    "tercero": "#tercero",
    "no existe": "#tercero-no-existe",
    "nuevo tercero": "#nuevo-tercero",
    "t tipo": "#t-tipo",
    "t documento": "#t-documento",
    "t nombres": "#t-nombres",
    "t apellidos": "#t-apellidos",
    "t celular": "#t-celular",
    "t guardar": "#t-guardar",
    "t guardar y nuevo": "#t-guardar-nuevo",
    "producto": "#producto",
    "agregar": "#agregar",
    "tabla": "#productos",
    "observacion": "#observacion",
    "numero": "#numero",
    "simbolo de imprimir": "#impresion",
    "opcion imprimir": '[data-imprimir="imprimir"]',
    "guardar": "#guardar",
    "guardar y nuevo": "#guardar-nuevo",
    "error": "#error",
    "lupa": '[aria-label="Buscar abono facturas"]',
    "tipo de busqueda": "[role=dialog] select",
    "buscar": "#buscar-suscriptores, [role=dialog] button",
    "pendientes": '[aria-label="Facturas pendientes"]',
    "generar": "#generar",
    "total": '[aria-label="Total a pagar"]',
}
CHANGES = ("renamed", "doubled", "hidden", "moved", "late", "off")

_SCRIPT = """(() => {
const wanted = %s;
const done = new WeakSet();
const label = (node) => node.labels?.[0] || node.closest("label") || document.querySelector(`label[for="${node.id}"]`);
const ways = {
    renamed(node) {
        if (node.hasAttribute("aria-label")) node.setAttribute("aria-label", "Otro nombre");
        const text = label(node);
        const words = [...(text?.childNodes ?? [])].filter((part) => part.nodeType === 3 && part.data.trim());
        for (const part of words) part.data = "Otro nombre ";
        if (node.matches("button, a")) node.textContent = "Otro nombre";
    },
    doubled(node) {
        const twin = node.cloneNode(true);
        for (const part of [twin, ...twin.querySelectorAll("*")]) { done.add(part); part.removeAttribute("name"); }
        node.before(twin);
    },
    hidden(node) { node.style.display = "none"; },
    moved(node) { document.body.append(node); },
    late(node) { node.style.visibility = "hidden"; setTimeout(() => { node.style.visibility = ""; }, 700); },
    off(node) { node.disabled = node.readOnly = true; },
};
const change = () => {
    for (const { css, way } of wanted) {
        for (const node of document.querySelectorAll(css)) {
            if (done.has(node)) continue;
            done.add(node);
            ways[way](node);
        }
    }
};
document.addEventListener("DOMContentLoaded", () => {
    change();
    new MutationObserver(change).observe(document.body, { childList: true, subtree: true });
});
})();"""


@dataclass(frozen=True)
class Change:
    """One control and what became of it."""

    place: str
    way: str


@dataclass(frozen=True)
class ChangedBrowser:
    """The robot's browser, with a script in each context that changes every page."""

    browser: Browser
    changes: Sequence[Change]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.browser, name)

    async def new_context(self, **options: Any) -> BrowserContext:
        """Open a context whose pages come changed."""
        context = await self.browser.new_context(**options)
        wanted = [{"css": PLACES[change.place], "way": change.way} for change in self.changes]
        await context.add_init_script(_SCRIPT % json.dumps(wanted))
        return context
