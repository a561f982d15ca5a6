// Tables of plain boxes with their roles; the virtual one holds only the rows that one can see.
import { h } from "./nucleo.js";

const ALTO_FILA = 52;
const ALTO = 320;
const SOBRA = 2;

const celda = (contenido) => h("div", { role: "cell", class: String(contenido).startsWith("$") ? "celda numero" : "celda" }, contenido);
const fila = (celdas, atributos = {}) => h("div", { role: "row", class: "fila-tabla", ...atributos }, celdas.map(celda));
const MONEDA = new Set(["Valor", "Saldo", "Total"]);
const titulo = (texto) => h("div", { role: "columnheader", class: MONEDA.has(texto) ? "celda numero" : "celda" }, texto);
const cabeza = (columnas) => h("div", { role: "row", class: "cabeza" }, columnas.map(titulo));

export function tabla({ nombre, columnas, anchos, filas }) {
  return h(
    "div",
    { role: "table", "aria-label": nombre, class: "tabla", style: `--columnas:${anchos}` },
    cabeza(columnas),
    h("div", { role: "rowgroup" }, filas.map((celdas) => fila(celdas))),
  );
}

export function tablaVirtual({ nombre, columnas, anchos, filas }) {
  const cuerpo = h("div", { role: "rowgroup", class: "cuerpo", style: `height:${filas.length * ALTO_FILA}px` });
  const marco = h(
    "div",
    {
      role: "table",
      "aria-label": nombre,
      "aria-rowcount": filas.length,
      tabindex: "0",
      class: "tabla virtual",
      style: `--columnas:${anchos};max-height:${ALTO}px`,
    },
    cabeza(columnas),
    cuerpo,
  );
  let primera = -1;
  function pintar() {
    const desde = Math.max(0, Math.floor(marco.scrollTop / ALTO_FILA) - SOBRA);
    if (desde === primera) return;
    primera = desde;
    const cuantas = Math.ceil(ALTO / ALTO_FILA) + 2 * SOBRA + 1;
    const visibles = filas.slice(desde, desde + cuantas);
    cuerpo.replaceChildren(
      ...visibles.map((celdas, i) =>
        fila(celdas, { "aria-rowindex": desde + i + 1, style: `position:absolute;top:${(desde + i) * ALTO_FILA}px` }),
      ),
    );
  }
  let pedido = 0;
  marco.addEventListener("scroll", () => {
    cancelAnimationFrame(pedido);
    pedido = requestAnimationFrame(pintar);
  });
  pintar();
  return marco;
}
