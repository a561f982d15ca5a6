"""What the update changed, by screen: the HTML of moderno and what stands there now."""

from __future__ import annotations

from typing import NamedTuple


class Change(NamedTuple):
    """One change: what it is, and the HTML before and after."""

    what: str
    before: str
    after: str


_TERCERO = '<div class="dato ancho"><span>Nombre</span><output aria-label="Tercero" id="tercero"></output></div>'
_LUPA = 'class="icono" aria-label="Buscar abono facturas" aria-haspopup="dialog">'
_LENS = (
    '<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><circle cx="8.5" cy="8.5" r="5.5" fill="none" '
    'stroke="currentColor" stroke-width="2"/><path d="m13 13 5 5" stroke="currentColor" stroke-width="2.4"/></svg>'
)

CHANGES: dict[str, tuple[Change, ...]] = {
    "factura.pantalla": (
        Change(
            "Guardar is called Grabar now",
            '<button type="button" id="guardar" class="principal" disabled>Guardar</button>',
            '<button type="button" id="guardar" class="principal" disabled>Grabar</button>',
        ),
        Change("the tercero's name left the box Terceros", _TERCERO, ""),
        Change(
            "… and stands beside the subscriber's",
            '<div class="dato en-linea"><span>Ruta</span>',
            _TERCERO + '<div class="dato en-linea"><span>Ruta</span>',
        ),
        Change(
            "Agregar is there twice: the second adds several at once",
            '<button type="button" id="agregar">Agregar</button>',
            '<button type="button" id="agregar">Agregar</button>\n      <button type="button">Agregar</button>',
        ),
        Change(
            "the celular of a new tercero is a field for numbers now",
            '<label for="t-celular">Celular</label><input id="t-celular" name="celular">',
            '<label for="t-celular">Celular</label><input id="t-celular" name="celular" type="number">',
        ),
    ),
    "abono.pantalla": (
        Change(
            "the lupa is a link now",
            f'<button type="button" id="buscar-facturas" {_LUPA}\n        {_LENS}\n      </button>',
            f'<a href="#" id="buscar-facturas" {_LUPA}\n        {_LENS}\n      </a>',
        ),
    ),
    "tramite.pantalla": (
        Change(
            "the ruta is not shown any more",
            '<div class="dato"><span>Ruta</span><output aria-label="Ruta" id="ruta"></output></div>',
            '<output id="ruta" hidden></output>',
        ),
        Change("the Zona has another name", "<option>FLORENCIA</option>", "<option>FLORENCIA URBANA</option>"),
    ),
}
