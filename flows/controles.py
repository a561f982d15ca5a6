"""The controls that the flows use, per screen: what a map must declare. tests/test_architecture.py keeps it true."""

_NAMES = {
    "ingreso": "usuario clave ingresar aviso sesion",
    "factura": (
        "menu_suscriptor opcion_factura titulo forma_pago codigo suscriptor aviso tipo_documento "
        "documento tercero tercero_no_existe producto agregar producto_de_linea valor_de_linea total "
        "observacion guardar numero rechazo simbolo_imprimir imprimir"
    ),
    "tercero": "nuevo_tercero cuadro tipo_documento documento nombres apellidos celular guardar numero rechazo",
    "abono": (
        "menu_recaudo opcion_abono titulo lupa_facturas buscador tipo_busqueda texto_a_buscar "
        "buscar_suscriptores codigo_encontrado nombre_encontrado codigo_elegido nombre_elegido "
        "factura_pendiente total generar confirmacion ok numero rechazo simbolo_imprimir imprimir"
    ),
    "tramite": (
        "menu_pqr opcion_tramite titulo zona medio codigo suscriptor aviso servicio tipo_tramite causal "
        "observacion guardar numero rechazo simbolo_imprimir imprimir"
    ),
}

_CONSULTA = (
    "menu_suscriptor opcion_facturas titulo_facturas menu_recaudo opcion_recibos titulo_recibos "
    "menu_pqr opcion_tramites titulo_tramites codigo consultar suscriptor aviso sin_registros "
    "facturas recibos tramites "
    "factura_numero factura_fecha factura_productos factura_total factura_estado factura_usuario factura_observacion "
    "recibo_numero recibo_fecha recibo_facturas recibo_valor recibo_estado recibo_usuario "
    "tramite_numero tramite_fecha tramite_causal tramite_estado tramite_usuario tramite_observacion"
)

REQUIRED: dict[str, frozenset[str]] = {screen: frozenset(names.split()) for screen, names in _NAMES.items()}
# Screens that a map may leave out; one that it has must be whole.
OPTIONAL: dict[str, frozenset[str]] = {"consulta": frozenset(_CONSULTA.split())}
# Controls that a screen may leave out: not every Serviweb divides its lists into pages, or shows the ruta.
OPTIONAL_CONTROLS: dict[str, frozenset[str]] = {
    "factura": frozenset({"ruta"}),
    "tramite": frozenset({"ruta"}),
    "abono": frozenset({"siguiente_resultados"}),
    "consulta": frozenset({"pagina", "siguiente"}),
}
