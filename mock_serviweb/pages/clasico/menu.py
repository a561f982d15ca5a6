"""The three menus of the top left corner, at the addresses of this set."""

MENUS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "SUSCRIPTOR",
        (
            ("CONSULTA DE SUSCRIPTOR", "/Modulo.aspx?m=consulta-de-suscriptor"),
            ("FACTURA", "/Factura.aspx"),
            ("FACTURA MANUAL", "/Modulo.aspx?m=factura-manual"),
            ("FINANCIACIÓN", "/Modulo.aspx?m=financiacion"),
            ("CONSULTA DE FACTURAS", "/ConsultaFacturas.aspx"),
        ),
    ),
    (
        "RECAUDO",
        (
            ("ABONO A FACTURA O FINANCIACIÓN", "/Abono.aspx"),
            ("ABONO A CARTERA", "/Modulo.aspx?m=abono-a-cartera"),
            ("CAJA", "/Caja.aspx"),
            ("CONSULTA DE RECIBOS", "/ConsultaRecibos.aspx"),
            ("CIERRE DE CAJA", "/Modulo.aspx?m=cierre-de-caja"),
        ),
    ),
    (
        "PQR",
        (
            ("TRÁMITE", "/Tramite.aspx"),
            ("CONSULTA DE TRÁMITES", "/ConsultaTramites.aspx"),
            ("SEGUIMIENTO", "/Modulo.aspx?m=seguimiento"),
        ),
    ),
)

# Options that exist but that no profile here may use.
CLOSED_MODULES = {
    path.partition("?m=")[2]: name for _, options in MENUS for name, path in options if path.startswith("/Modulo.aspx")
}
