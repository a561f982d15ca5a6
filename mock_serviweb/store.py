"""The SQLite file of the imitation, filled from the fixtures."""

from __future__ import annotations

import contextlib
import csv
import sqlite3
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Path(__file__).with_name("esquema.sql")
FIRST_DAY = "2026-01-02T13:00:00.000000+00:00"
ESTRATOS = ("1", "2", "3", "4", "5", "6", "COMERCIAL", "OFICIAL")
WRITE_ROUTES = (
    "ingreso.entrar",
    "tercero.guardar",
    "factura.agregar",
    "factura.guardar",
    "abono.generar",
    "caja.pagar",
    "tramite.guardar",
)


def fixtures_folder() -> Path:
    """Find the fixtures: beside the package in a checkout, inside it when installed from the wheel."""
    package = Path(__file__).parent
    checkout = package.parent / "fixtures"
    return checkout if (checkout / "suscriptores.csv").is_file() else package / "_data" / "fixtures"


def plain(text: str) -> str:
    """Write a text in upper case, without accents and doubled spaces, as searches compare it."""
    letters = unicodedata.normalize("NFD", text.upper())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read one fixture file; every cell is text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


class Store:
    """One connection, used from the server's event loop only; every write is one transaction."""

    def __init__(self, file: Path, fixtures: Path) -> None:
        self._fixtures = fixtures
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA synchronous = OFF")  # data of a test: speed before safety
        self._db.execute("PRAGMA foreign_keys = ON")
        if not self.all("SELECT name FROM sqlite_master WHERE name = 'usuarios'"):
            self._build()

    def close(self) -> None:
        self._db.close()

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Read all rows of a query."""
        return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """Read the first row of a query, if there is one."""
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def value(self, sql: str, *values: Any) -> Any:
        """Read the first cell of a query, if there is one."""
        row = self.one(sql, *values)
        return None if row is None else row[0]

    def run(self, sql: str, *values: Any) -> None:
        """Carry out one statement that writes."""
        self._db.execute(sql, values)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Save everything inside the block, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def next_number(self, kind: str) -> int:
        """Take the next consecutive number of a kind of document; inside a transaction."""
        self.run("UPDATE consecutivos SET ultimo = ultimo + 1 WHERE clase = ?", kind)
        return int(self.value("SELECT ultimo FROM consecutivos WHERE clase = ?", kind))

    def count_visit(self, route: str) -> None:
        """Count one write request that reached the server."""
        self.run(
            "INSERT INTO visitas VALUES (?, 1) ON CONFLICT (ruta) DO UPDATE SET veces = veces + 1",
            route,
        )

    def reset(self) -> None:
        """Go back to the fixtures."""
        self._db.execute("PRAGMA foreign_keys = OFF")
        for row in self.all("SELECT name FROM sqlite_master WHERE type = 'table'"):
            self._db.execute(f'DROP TABLE "{row["name"]}"')
        self._db.execute("PRAGMA foreign_keys = ON")
        self._build()

    def _build(self) -> None:
        self._db.executescript(SCHEMA.read_text(encoding="utf-8"))
        with self.transaction():
            self._fill()

    def _fill(self) -> None:
        """Load the fixtures; documents numbered there are followed by the next ones."""
        for r in rows_of(self._fixtures / "usuarios.csv"):
            self.run(
                "INSERT INTO usuarios (usuario, clave, perfil, nombre) VALUES (?, ?, ?, ?)",
                *(r[k] for k in ("usuario", "clave", "perfil", "nombre")),
            )
        for r in rows_of(self._fixtures / "suscriptores.csv"):
            self.run(
                "INSERT INTO suscriptores VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *(r["codigo"], r["ruta"], r["nombre"], plain(r["nombre"]), r["tipo_documento"], r["documento"]),
                *(r["estado"], r["estrato"], r["direccion"], r["celular"], r["medidor"]),
            )
        self._fill_prices()
        terceros = rows_of(self._fixtures / "terceros.csv")
        for r in terceros:
            self.run(
                "INSERT INTO terceros VALUES (?, ?, ?, ?, ?, ?, ?, 'supervisor1', ?, 1)",
                *(r["numero"], r["tipo_documento"], r["documento"], r["nombres"], r["apellidos"]),
                *(r["celular"], r["direccion"], FIRST_DAY),
            )
        facturas = rows_of(self._fixtures / "facturas_pendientes.csv")
        for r in facturas:
            self._fill_factura(r)
        last = {
            "tercero": max(int(r["numero"]) for r in terceros),
            "factura": max(int(r["numero"][2:]) for r in facturas),
            "abono": 4520,
            "pago": 0,
            "tramite": 456,
        }
        for kind, number in last.items():
            self.run("INSERT INTO consecutivos VALUES (?, ?)", kind, number)
        for route in WRITE_ROUTES:
            self.run("INSERT INTO visitas VALUES (?, 0)", route)

    def _fill_prices(self) -> None:
        for r in rows_of(self._fixtures / "productos.csv"):
            self.run(
                "INSERT INTO productos VALUES (?, ?, ?, ?)",
                *(r["codigo"], r["nombre"], r["texto_lista"], int(r["reconexion"] == "sí")),
            )
            for estrato in ESTRATOS:
                column = f"estrato_{estrato}" if estrato.isdigit() else estrato.lower()
                self.run("INSERT INTO precios VALUES (?, ?, ?)", r["codigo"], estrato, int(r[column]))

    def _fill_factura(self, r: dict[str, str]) -> None:
        self.run(
            "INSERT INTO facturas VALUES (?, ?, 'Contado', NULL, ?, ?, 'pendiente', 'supervisor1', ?, 1)",
            *(r["numero"], r["codigo"], r["concepto"], int(r["saldo"]), f"{r['fecha']}T14:30:00.000000+00:00"),
        )
        product = self.value("SELECT codigo FROM productos WHERE nombre = ?", r["concepto"])
        self.run("INSERT INTO lineas VALUES (?, 1, ?, ?)", r["numero"], product, int(r["saldo"]))
