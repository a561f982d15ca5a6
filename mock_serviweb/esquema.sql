-- The tables of the imitation. `inicial` marks what came from the fixtures: the ledger leaves it out.

CREATE TABLE usuarios (
    usuario  TEXT PRIMARY KEY,
    clave    TEXT NOT NULL,
    perfil   TEXT NOT NULL CHECK (perfil IN ('asesor', 'cajero', 'supervisor')),
    nombre   TEXT NOT NULL,
    errores  INTEGER NOT NULL DEFAULT 0     -- wrong passwords in a row; five lock the account
);

CREATE TABLE suscriptores (
    codigo          TEXT PRIMARY KEY,
    ruta            TEXT NOT NULL,
    nombre          TEXT NOT NULL,
    nombre_llano    TEXT NOT NULL,          -- upper case, no accents: what a search by name compares
    tipo_documento  TEXT NOT NULL,
    documento       TEXT NOT NULL,
    estado          TEXT NOT NULL CHECK (estado IN ('activo', 'cortado', 'retirado')),
    estrato         TEXT NOT NULL,
    direccion       TEXT NOT NULL,
    celular         TEXT NOT NULL,
    medidor         TEXT NOT NULL
);

CREATE TABLE productos (
    codigo       TEXT PRIMARY KEY,
    nombre       TEXT NOT NULL,
    texto_lista  TEXT NOT NULL,             -- as the list of options writes it: without accents
    reconexion   INTEGER NOT NULL
);

CREATE TABLE precios (
    producto  TEXT NOT NULL REFERENCES productos,
    estrato   TEXT NOT NULL,
    valor     INTEGER NOT NULL CHECK (valor > 0),
    PRIMARY KEY (producto, estrato)
);

CREATE TABLE terceros (
    numero          TEXT PRIMARY KEY,
    tipo_documento  TEXT NOT NULL,
    documento       TEXT NOT NULL,
    nombres         TEXT NOT NULL,
    apellidos       TEXT NOT NULL,
    celular         TEXT NOT NULL,
    direccion       TEXT NOT NULL,
    usuario         TEXT NOT NULL,
    momento         TEXT NOT NULL,          -- every momento: UTC, ISO 8601, microseconds
    inicial         INTEGER NOT NULL DEFAULT 0,
    UNIQUE (tipo_documento, documento)
);

CREATE TABLE facturas (
    numero       TEXT PRIMARY KEY,
    codigo       TEXT NOT NULL REFERENCES suscriptores,
    forma_pago   TEXT NOT NULL,
    tercero      TEXT REFERENCES terceros,
    observacion  TEXT NOT NULL,
    total        INTEGER NOT NULL,
    estado       TEXT NOT NULL CHECK (estado IN ('pendiente', 'pagada', 'anulada')),
    usuario      TEXT NOT NULL,
    momento      TEXT NOT NULL,
    inicial      INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE lineas (
    factura   TEXT NOT NULL REFERENCES facturas,
    orden     INTEGER NOT NULL,
    producto  TEXT NOT NULL REFERENCES productos,
    valor     INTEGER NOT NULL,
    PRIMARY KEY (factura, orden)
);

CREATE TABLE abonos (
    numero   TEXT PRIMARY KEY,
    codigo   TEXT NOT NULL REFERENCES suscriptores,
    valor    INTEGER NOT NULL,
    estado   TEXT NOT NULL CHECK (estado IN ('sin pagar', 'pagado', 'anulado')),
    usuario  TEXT NOT NULL,
    momento  TEXT NOT NULL
);

CREATE TABLE abonos_facturas (
    abono    TEXT NOT NULL REFERENCES abonos,
    factura  TEXT NOT NULL REFERENCES facturas,
    PRIMARY KEY (abono, factura)
);

CREATE TABLE pagos (
    numero   TEXT PRIMARY KEY,
    abono    TEXT NOT NULL UNIQUE REFERENCES abonos,
    codigo   TEXT NOT NULL,
    valor    INTEGER NOT NULL,
    usuario  TEXT NOT NULL,
    momento  TEXT NOT NULL
);

CREATE TABLE tramites (
    radicado      TEXT PRIMARY KEY,
    codigo        TEXT NOT NULL REFERENCES suscriptores,
    zona          TEXT NOT NULL,
    medio         TEXT NOT NULL,
    servicio      TEXT NOT NULL,
    tipo          TEXT NOT NULL,
    causal        TEXT NOT NULL,
    observacion   TEXT NOT NULL,
    notificacion  INTEGER NOT NULL,
    abono         TEXT REFERENCES abonos,
    estado        TEXT NOT NULL,
    usuario       TEXT NOT NULL,
    momento       TEXT NOT NULL
);

CREATE TABLE consecutivos (clase TEXT PRIMARY KEY, ultimo INTEGER NOT NULL);

CREATE TABLE visitas (ruta TEXT PRIMARY KEY, veces INTEGER NOT NULL);
