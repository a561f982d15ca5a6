"""The columns of a file of requests: how offices call them, what each one means, an example of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from robot.errors import Rejected
from robot.text import words


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: the request's field, its title in our template, other titles, and what a person is told of it."""

    field: str
    title: str
    required: bool = False
    also: tuple[str, ...] = ()
    means: str
    example: str
    choices: tuple[str, ...] = ()


COLUMNS = (
    Column(
        field="codigo",
        title="Código",
        required=True,
        also=("código suscriptor", "código usuario", "código cliente"),
        means="Código del suscriptor, como aparece en la factura, con sus ceros de la izquierda.",
        example="100234",
    ),
    Column(
        field="ruta",
        title="Ruta",
        required=True,
        also=("ruta lectura", "número ruta", "código ruta"),
        means="Ruta de lectura del suscriptor.",
        example="01-383",
    ),
    Column(
        field="suscriptor",
        title="Suscriptor",
        also=("nombre suscriptor", "titular", "nombre titular"),
        means="Nombre del suscriptor, si se conoce; con él se comprueba que el código es el correcto.",
        example="MARÍA FERNANDA ROJAS VARGAS",
    ),
    Column(
        field="tipo_documento",
        title="Tipo de documento",
        also=("tipo", "tipo identificación", "tipo documento identidad", "tipo documento solicitante"),
        means="Tipo de documento de quien solicita; vacío quiere decir CC.",
        example="CC",
        choices=("CC", "NIT", "CE", "TI", "PP"),
    ),
    Column(
        field="documento",
        title="Documento",
        required=True,
        also=(
            "número documento",
            "cédula",
            "número cédula",
            "cédula ciudadanía",
            "cédula o nit",
            "cc",
            "identificación",
            "número identificación",
            "documento identidad",
            "número documento identidad",
            "documento solicitante",
            "cédula solicitante",
        ),
        means="Número de documento de quien solicita; el NIT, con guion y dígito de verificación (900123456-8).",
        example="40781234",
    ),
    Column(
        field="nombres",
        title="Nombres",
        required=True,
        also=("nombre", "nombres solicitante", "nombre solicitante"),
        means="Nombres de quien solicita, que puede no ser el suscriptor; o el nombre de la empresa.",
        example="MARÍA FERNANDA",
    ),
    Column(
        field="apellidos",
        title="Apellidos",
        also=("apellido", "apellidos solicitante", "apellido solicitante"),
        means="Apellidos de quien solicita; solo una empresa (NIT) los deja vacíos.",
        example="ROJAS VARGAS",
    ),
    Column(
        field="celular",
        title="Celular",
        required=True,
        also=(
            "teléfono celular",
            "número celular",
            "teléfono",
            "número teléfono",
            "móvil",
            "teléfono móvil",
            "teléfono contacto",
            "celular contacto",
            "celular usuario",
            "celular solicitante",
        ),
        means="Celular de quien solicita (10 dígitos), o un fijo con 60 y ocho dígitos más.",
        example="3131271693",
    ),
    Column(
        field="forma_pago",
        title="Forma de pago",
        required=True,
        also=("pago", "tipo pago", "modalidad pago", "condición pago"),
        means="Cómo se factura la reconexión (paso 5).",
        example="Contado",
        choices=("Contado", "Crédito"),
    ),
    Column(
        field="concepto",
        title="Concepto",
        required=True,
        also=("concepto factura",),
        means="Concepto de la factura, hasta 100 letras; va en la observación (pasos 13 y 29).",
        example="RECONEXIÓN DEL SERVICIO",
    ),
    Column(
        field="medidor",
        title="Medidor",
        required=True,
        also=("tiene medidor", "con medidor", "cuenta con medidor"),
        means="Si el usuario cuenta con medidor (paso 29).",
        example="sí",
        choices=("sí", "no"),
    ),
    Column(
        field="arreglo",
        title="Arreglo",
        required=True,
        also=("tipo arreglo", "arreglo deuda", "acuerdo o diligencia"),
        means="Qué se elaboró en el paso 2: acuerdo de pago, diligencia de arreglo, o ninguno porque no hay deuda.",
        example="acuerdo",
        choices=("acuerdo", "diligencia", "sin-deuda"),
    ),
    Column(
        field="arreglo_ref",
        title="Referencia del arreglo",
        also=("arreglo ref", "número arreglo", "número acuerdo", "número acuerdo pago", "referencia acuerdo"),
        means="Número del acuerdo o de la diligencia; vacío solo si no hay deuda.",
        example="AP-2026-118",
    ),
    Column(
        field="solicitud",
        title="Solicitud",
        also=("número solicitud", "referencia", "referencia solicitud", "id solicitud"),
        means="Referencia propia de la solicitud, si su oficina la numera; no se repite.",
        example="S-0001",
    ),
    Column(
        field="nueva_ocasion",
        title="Nueva ocasión",
        also=("motivo nueva ocasión",),
        means="Solo si el mismo suscriptor se reconecta otra vez a los pocos días: el motivo.",
        example="",
    ),
)
TITLES = tuple(column.title for column in COLUMNS)
IGNORED = ("fila", "error")
"""The two columns that an errors file adds: they are told to people and not read."""

_FILLERS = frozenset(["de", "del", "la", "el", "los", "las", "quien", "que"])
_SHORT = {"no": "numero", "nro": "numero", "num": "numero", "n": "numero", "cod": "codigo", "doc": "documento"}
_SHORT |= {"tel": "telefono", "cel": "celular", "ref": "referencia", "solicita": "solicitante"}


def _key(title: str) -> str:
    """Return a title without case, accents, spaces, marks, small words and abbreviations."""
    return "".join(_SHORT.get(word, word) for word in words(title) if word not in _FILLERS)


def _joined(title: str) -> str:
    return "".join(words(title))


@dataclass(frozen=True, kw_only=True)
class Header:
    """The row of titles: as written, and which field each column holds (None: nobody's)."""

    names: tuple[str, ...]
    fields: tuple[str | None, ...]
    notes: tuple[str, ...] = field(default=())

    def name_of(self, of_field: str) -> str:
        """Return how the file calls a field; one that it does not have keeps our own name."""
        return self.names[self.fields.index(of_field)] if of_field in self.fields else of_field


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of file: what is looked for in it, and how its rows are called."""

    columns: tuple[Column, ...]
    fewest: int
    """Known titles without which a row is no row of titles: a row of data may hold a word that is one."""
    rows: str
    """What its rows are, in Spanish and in the plural."""
    template: str
    """The command that writes an empty one."""
    names_surnames: bool = False

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the titles of our template, in order."""
        return tuple(column.title for column in self.columns)

    @cached_property
    def known_titles(self) -> dict[str, str]:
        """Return the fields by the forms of their titles."""
        return {
            key: column.field
            for column in self.columns
            for title in (column.field, column.title, *column.also)
            for key in (_key(title), _joined(title))
        }

    def field_of(self, title: str) -> str | None:
        """Return the field that a title names, or None."""
        return self.known_titles.get(_key(title)) or self.known_titles.get(_joined(title))

    def known(self, cells: Sequence[str]) -> int:
        """Count the titles that we know: the row and the separator with the most of them are the right ones."""
        return sum(self.field_of(cell) is not None for cell in cells)

    def is_header(self, cells: Sequence[str]) -> bool:
        """Say whether a row is a row of titles."""
        return self.known(cells) >= self.fewest

    def header(self, cells: Sequence[str]) -> Header:
        """Return the columns of a row of titles. Raises `Rejected` if one is missing or there twice, naming all."""
        names = tuple(" ".join(cell.split()) for cell in cells)
        while names and not names[-1]:
            names = names[:-1]
        fields = tuple(self.field_of(name) for name in names)
        unknown = [n for n, f in zip(names, fields, strict=True) if n and f is None and _joined(n) not in IGNORED]
        wrong = [*self._missing(fields), *self._twins(names, fields)]
        if wrong:
            if unknown:
                wrong.append(f"no se reconoce: {_list(unknown)}")
            raise Rejected(
                "El archivo no tiene las columnas que se necesitan:\n  " + "\n  ".join(wrong),
                remedy=f"Corrija los títulos de la primera fila; «{self.template}» escribe un archivo con todos.",
            )
        notes = (f"No se usan estas columnas: {_list(unknown)}.",) if unknown else ()
        return Header(names=names, fields=fields, notes=notes)

    def _missing(self, fields: Sequence[str | None]) -> list[str]:
        """Name the columns that are missing; surnames may be missing only where companies can be told."""
        needed = {column.field for column in self.columns if column.required}
        if self.names_surnames and "tipo_documento" not in fields:
            needed.add("apellidos")
        lost = [column.title for column in self.columns if column.field in needed and column.field not in fields]
        return [f"falta: {_list(lost)}"] if lost else []

    def _twins(self, names: Sequence[str], fields: Sequence[str | None]) -> list[str]:
        wrong = []
        for column in self.columns:
            same = [name for name, of in zip(names, fields, strict=True) if of == column.field]
            if len(same) > 1:
                wrong.append(f"hay varias columnas para {column.title}: {_list(same)}; deje una")
        return wrong


def _list(titles: Sequence[str]) -> str:
    return ", ".join(f"«{title}»" for title in titles)


REQUESTS = Layout(COLUMNS, fewest=4, rows="solicitudes", template="serviweb cola plantilla", names_surnames=True)
