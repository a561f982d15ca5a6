"""The three menus of the top left corner."""

MENUS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "SUSCRIPTOR",
        (
            ("CONSULTA DE SUSCRIPTOR", "/modulo/consulta-de-suscriptor"),
            ("FACTURA", "/factura"),
            ("FACTURA MANUAL", "/modulo/factura-manual"),
            ("FINANCIACIÓN", "/modulo/financiacion"),
            ("CONSULTA DE FACTURAS", "/consulta/facturas"),
        ),
    ),
    (
        "RECAUDO",
        (
            ("ABONO A FACTURA O FINANCIACIÓN", "/abono"),
            ("ABONO A CARTERA", "/modulo/abono-a-cartera"),
            ("CAJA", "/caja"),
            ("CONSULTA DE RECIBOS", "/consulta/recibos"),
            ("CIERRE DE CAJA", "/modulo/cierre-de-caja"),
        ),
    ),
    (
        "PQR",
        (
            ("TRÁMITE", "/tramite"),
            ("CONSULTA DE TRÁMITES", "/consulta/tramites"),
            ("SEGUIMIENTO", "/modulo/seguimiento"),
        ),
    ),
)

# Options that exist but that no profile here may use.
CLOSED_MODULES = {
    path.removeprefix("/modulo/"): name for _, options in MENUS for name, path in options if path.startswith("/modulo/")
}
