"""The controls that the flows use, per screen: what a map must declare. tests/test_architecture.py keeps it true."""

_NAMES = {
    "ingreso": "usuario clave ingresar aviso sesion",
    "factura": (
        "menu_suscriptor opcion_factura titulo forma_pago codigo suscriptor ruta aviso tipo_documento "
        "documento tercero tercero_no_existe producto agregar producto_de_linea valor_de_linea total "
        "observacion guardar numero rechazo simbolo_imprimir imprimir"
    ),
    "tercero": "nuevo_tercero tipo_documento documento nombres apellidos celular guardar numero rechazo",
    "abono": (
        "menu_recaudo opcion_abono titulo lupa_facturas buscador tipo_busqueda texto_a_buscar "
        "buscar_suscriptores codigo_encontrado nombre_encontrado codigo_elegido nombre_elegido "
        "factura_pendiente total generar confirmacion ok numero rechazo simbolo_imprimir imprimir"
    ),
    "tramite": (
        "menu_pqr opcion_tramite titulo zona medio codigo suscriptor ruta aviso servicio tipo_tramite causal "
        "observacion guardar numero rechazo simbolo_imprimir imprimir"
    ),
}

REQUIRED: dict[str, frozenset[str]] = {screen: frozenset(names.split()) for screen, names in _NAMES.items()}
