"""The walk through Serviweb as data: every control that the flows use, in the order in which a person meets it.

`serviweb selectores aprender` asks a person to point at each; `serviweb selectores revisar` looks for each. Both
follow the same table, so what is taught is what is checked; tests/test_architecture.py holds it against the controles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Luego = Literal["", "clic", "encima", "escribir", "enter", "escoger", "abrir", "escoger_fila", "cerrar"]
Efecto = Literal["", "tercero", "factura", "abono", "tramite"]


@dataclass(frozen=True, kw_only=True)
class Parada:
    """One control of the walk.

    *luego* is what is done with it to go on: nothing, a click, `encima` (open a menu), `escribir` a test value, `enter`
    in the field just written, `escoger` an option, `abrir` a box or a window, `escoger_fila` (click the row of the test
    subscriber), `cerrar` the box or window that the control *valor* opened. *valor* names the test value: `codigo`,
    `documento_nuevo` (one that is in no directory), `texto` or an option's setting (`producto`, `zona` …).
    *efecto*: the control saves, or exists only after that save (`tras`).
    """

    pantalla: str
    control: str
    paso: str
    dice: str
    luego: Luego = ""
    valor: str = ""
    efecto: Efecto = ""
    tras: bool = False
    muchos: bool = False
    opcional: bool = False
    necesita: str = ""

    @property
    def titulo(self) -> str:
        """Return `pantalla.control`, as messages name it."""
        return f"{self.pantalla}.{self.control}"


Linea = tuple[str, str, str, dict[str, object]]


def _en(pantalla: str, *paradas: Linea) -> tuple[Parada, ...]:
    return tuple(
        Parada(pantalla=pantalla, control=control, paso=paso, dice=dice, **details)  # type: ignore[arg-type]
        for control, paso, dice, details in paradas
    )


_INGRESO = _en(
    "ingreso",
    ("usuario", "3", "el campo donde escribe su usuario", {"luego": "escribir", "valor": "usuario"}),
    ("clave", "3", "el campo donde escribe su contraseña", {"luego": "escribir", "valor": "clave"}),
    ("aviso", "3", "el mensaje que aparece cuando la contraseña es incorrecta", {"necesita": "fallo"}),
    ("ingresar", "3", "el botón con el que ingresa", {"luego": "clic"}),
    ("sesion", "3", "algo que se ve en todas las pantallas mientras está adentro, como «Cerrar sesión»", {}),
)

_FACTURA = _en(
    "factura",
    ("menu_suscriptor", "4", "el menú SUSCRIPTOR, arriba a la izquierda", {"luego": "encima"}),
    ("opcion_factura", "4", "la opción FACTURA de ese menú", {"luego": "clic"}),
    ("titulo", "4", "el título de la pantalla Factura", {}),
    ("forma_pago", "5", "la lista Forma de pago (Contado o Crédito)", {"luego": "escoger", "valor": "forma_pago"}),
    ("codigo", "6", "el campo del código del suscriptor", {"luego": "escribir", "valor": "codigo_malo"}),
    ("codigo", "6", "", {"luego": "enter"}),
    ("aviso", "6", "el aviso de que el suscriptor no existe", {}),
    ("codigo", "6", "", {"luego": "escribir", "valor": "codigo"}),
    ("codigo", "6", "", {"luego": "enter"}),
    ("suscriptor", "6", "el nombre del suscriptor que apareció", {}),
    ("ruta", "6", "la ruta del suscriptor", {"opcional": True}),
    (
        "tipo_documento",
        "7",
        "la lista del tipo de documento del tercero",
        {"luego": "escoger", "valor": "tipo_documento"},
    ),
    ("documento", "7", "el campo de la cédula del tercero", {"luego": "escribir", "valor": "documento_nuevo"}),
    ("documento", "7", "", {"luego": "enter"}),
    ("tercero_no_existe", "7", "el aviso de que el tercero no aparece en el sistema", {}),
)

_TERCERO = _en(
    "tercero",
    ("nuevo_tercero", "7", "el botón + de terceros", {"luego": "abrir", "valor": "cuadro"}),
    ("cuadro", "7", "el cuadro o la ventana del nuevo tercero (su título o un espacio vacío)", {}),
    ("tipo_documento", "7", "la lista del tipo de documento, en el nuevo tercero", {}),
    ("documento", "7", "el campo del número de documento, en el nuevo tercero", {}),
    ("nombres", "7", "el campo de los nombres", {}),
    ("apellidos", "7", "el campo de los apellidos", {}),
    ("celular", "7", "el campo del celular", {}),
    ("guardar", "7", "el botón Guardar del nuevo tercero (no se hará clic)", {"efecto": "tercero"}),
    ("numero", "7", "el número del tercero creado", {"efecto": "tercero", "tras": True}),
    ("rechazo", "7", "el aviso con el que Serviweb dice que no guardó el tercero", {"efecto": "tercero", "tras": True}),
    ("cuadro", "7", "", {"luego": "cerrar", "valor": "nuevo_tercero"}),
)

_FACTURA_SIGUE = _en(
    "factura",
    ("documento", "7", "", {"luego": "escribir", "valor": "documento"}),
    ("documento", "7", "", {"luego": "enter"}),
    ("tercero", "7", "el nombre del tercero que apareció", {}),
    ("producto", "8", "la lista de productos", {"luego": "escoger", "valor": "producto"}),
    ("agregar", "9", "el botón + de Agregar", {"luego": "clic"}),
    ("producto_de_linea", "9", "el nombre del producto, en la línea agregada", {"muchos": True}),
    ("valor_de_linea", "9", "el valor del producto, en la línea agregada", {"muchos": True}),
    ("total", "9", "el total de la factura", {}),
    ("observacion", "13", "el campo Observación", {"luego": "escribir", "valor": "texto"}),
    ("guardar", "14", "el botón Guardar (no se hará clic)", {"efecto": "factura"}),
    ("numero", "14", "el número de la factura", {"efecto": "factura", "tras": True}),
    ("rechazo", "14", "el aviso con el que Serviweb dice que no guardó", {"efecto": "factura", "tras": True}),
    ("simbolo_imprimir", "15", "el símbolo de imprimir", {"efecto": "factura", "tras": True}),
    ("imprimir", "15", "la opción Imprimir", {"efecto": "factura", "tras": True}),
)

_ABONO = _en(
    "abono",
    ("menu_recaudo", "16", "el menú RECAUDO, arriba a la izquierda", {"luego": "encima"}),
    ("opcion_abono", "16", "la opción ABONO A FACTURA O FINANCIACIÓN", {"luego": "clic"}),
    ("titulo", "16", "el título de la pantalla Abono", {}),
    ("lupa_facturas", "17", "la lupa de abono facturas", {"luego": "abrir", "valor": "buscador"}),
    ("buscador", "17", "el cuadro o la ventana de búsqueda (su título o un espacio vacío)", {}),
    ("tipo_busqueda", "18", "la lista Tipo de búsqueda", {"luego": "escoger", "valor": "tipo_busqueda"}),
    ("texto_a_buscar", "19", "el campo donde escribe lo que busca", {"luego": "escribir", "valor": "codigo"}),
    ("buscar_suscriptores", "19", "el botón BUSCAR SUSCRIPTORES", {"luego": "clic"}),
    ("codigo_encontrado", "19", "el código de un suscriptor de la lista", {"muchos": True}),
    (
        "siguiente_resultados",
        "19",
        "el botón de la página siguiente de la lista",
        {"opcional": True, "necesita": "paginas"},
    ),
    ("nombre_encontrado", "20", "el nombre de ese suscriptor", {"muchos": True, "luego": "escoger_fila"}),
    ("codigo_elegido", "20", "el código del suscriptor elegido", {}),
    ("nombre_elegido", "20", "el nombre del suscriptor elegido", {}),
    ("factura_pendiente", "20", "el número de una factura pendiente", {"muchos": True, "necesita": "pendiente"}),
    ("total", "20", "el total a pagar", {"necesita": "pendiente"}),
    ("generar", "21", "el botón GENERAR (no se hará clic)", {"efecto": "abono"}),
    ("confirmacion", "22", "el cuadro que pide confirmar", {"efecto": "abono", "tras": True}),
    ("ok", "22", "el botón OK de ese cuadro", {"efecto": "abono", "tras": True}),
    ("numero", "22", "el número del recibo", {"efecto": "abono", "tras": True}),
    ("rechazo", "22", "el aviso con el que Serviweb dice que no guardó", {"efecto": "abono", "tras": True}),
    ("simbolo_imprimir", "22 bis", "el símbolo de imprimir", {"efecto": "abono", "tras": True}),
    ("imprimir", "22 bis", "la opción Imprimir", {"efecto": "abono", "tras": True}),
)

_TRAMITE = _en(
    "tramite",
    ("menu_pqr", "24", "el menú PQR, arriba a la izquierda", {"luego": "encima"}),
    ("opcion_tramite", "24", "la opción TRÁMITE de ese menú", {"luego": "clic"}),
    ("titulo", "24", "el título de la pantalla Trámite", {}),
    ("zona", "25", "la lista Zona", {"luego": "escoger", "valor": "zona"}),
    ("medio", "25", "la lista Medio", {"luego": "escoger", "valor": "medio"}),
    ("codigo", "26", "el campo del código del suscriptor", {"luego": "escribir", "valor": "codigo_malo"}),
    ("codigo", "26", "", {"luego": "enter"}),
    ("aviso", "26", "el aviso de que el suscriptor no existe", {}),
    ("codigo", "26", "", {"luego": "escribir", "valor": "codigo"}),
    ("codigo", "26", "", {"luego": "enter"}),
    ("suscriptor", "26", "el nombre del suscriptor que apareció", {}),
    ("ruta", "26", "la ruta del suscriptor", {"opcional": True}),
    ("servicio", "27", "la lista Servicio", {"luego": "escoger", "valor": "servicio"}),
    ("tipo_tramite", "27", "la lista Tipo de trámite", {"luego": "escoger", "valor": "tipo_tramite"}),
    ("causal", "28", "la lista Causal", {"luego": "escoger", "valor": "causal"}),
    ("observacion", "29", "el campo Observación", {"luego": "escribir", "valor": "texto"}),
    ("guardar", "30", "el botón Guardar (no se hará clic)", {"efecto": "tramite"}),
    ("numero", "30", "el número de radicado", {"efecto": "tramite", "tras": True}),
    ("rechazo", "30", "el aviso con el que Serviweb dice que no guardó", {"efecto": "tramite", "tras": True}),
    ("simbolo_imprimir", "31", "el símbolo de imprimir", {"efecto": "tramite", "tras": True}),
    ("imprimir", "31", "la opción Imprimir", {"efecto": "tramite", "tras": True}),
)


def _lista(menu: str, opcion: str, plural: str, titulo: str, columnas: tuple[tuple[str, str], ...]) -> list[Linea]:
    """Return the walk through one of the three consultation lists."""
    return [
        (menu, "", f"el menú {menu.removeprefix('menu_').upper()}, arriba a la izquierda", {"luego": "encima"}),
        (opcion, "", f"la opción CONSULTA DE {titulo}", {"luego": "clic"}),
        (f"titulo_{plural}", "", f"el título de la consulta de {titulo.lower()}", {}),
        *(_FORMULARIO if plural == "facturas" else []),
        ("codigo", "", "", {"luego": "escribir", "valor": "codigo_con_documentos"}),
        ("consultar", "", "", {"luego": "clic"}),
        *(_PERSONA if plural == "facturas" else []),
        (plural, "", f"la lista de {titulo.lower()}: un espacio vacío o su encabezado", {"necesita": plural}),
        *((key, "", f"{texto}, en la primera fila", {"muchos": True, "necesita": plural}) for key, texto in columnas),
        *(_PAGINAS if plural == "facturas" else []),
    ]


# What the three lists share is taught and checked once, at the first.
_FORMULARIO: list[Linea] = [
    ("codigo", "", "el campo del código del suscriptor", {"luego": "escribir", "valor": "codigo_malo"}),
    ("consultar", "", "el botón Consultar", {"luego": "clic"}),
    ("aviso", "", "el aviso de que el suscriptor no existe", {}),
    ("codigo", "", "", {"luego": "escribir", "valor": "codigo_sin_documentos"}),
    ("consultar", "", "", {"luego": "clic"}),
    ("sin_registros", "", "el texto que dice que no hay registros", {}),
]
_PERSONA: list[Linea] = [("suscriptor", "", "el nombre del suscriptor, en la consulta", {})]
_PAGINAS: list[Linea] = [
    ("pagina", "", "el número de la página de la lista", {"opcional": True, "necesita": "paginas"}),
    ("siguiente", "", "el enlace a la página siguiente", {"opcional": True, "necesita": "paginas"}),
]

_CONSULTA = _en(
    "consulta",
    *_lista(
        "menu_suscriptor",
        "opcion_facturas",
        "facturas",
        "FACTURAS",
        (
            ("factura_numero", "el número de la factura"),
            ("factura_fecha", "la fecha de la factura"),
            ("factura_productos", "los productos de la factura"),
            ("factura_total", "el total de la factura"),
            ("factura_estado", "el estado de la factura"),
            ("factura_usuario", "el usuario que hizo la factura"),
            ("factura_observacion", "la observación de la factura"),
        ),
    ),
    *_lista(
        "menu_recaudo",
        "opcion_recibos",
        "recibos",
        "RECIBOS",
        (
            ("recibo_numero", "el número del recibo"),
            ("recibo_fecha", "la fecha del recibo"),
            ("recibo_facturas", "las facturas del recibo"),
            ("recibo_valor", "el valor del recibo"),
            ("recibo_estado", "el estado del recibo"),
            ("recibo_usuario", "el usuario que hizo el recibo"),
        ),
    ),
    *_lista(
        "menu_pqr",
        "opcion_tramites",
        "tramites",
        "TRÁMITES",
        (
            ("tramite_numero", "el número del trámite"),
            ("tramite_fecha", "la fecha del trámite"),
            ("tramite_causal", "la causal del trámite"),
            ("tramite_estado", "el estado del trámite"),
            ("tramite_usuario", "el usuario que hizo el trámite"),
            ("tramite_observacion", "la observación del trámite"),
        ),
    ),
)

RECORRIDO: tuple[Parada, ...] = (
    *_INGRESO,
    *_FACTURA,
    *_TERCERO,
    *_FACTURA_SIGUE,
    *_ABONO,
    *_TRAMITE,
    *_CONSULTA,
)
