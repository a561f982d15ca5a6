// Abono: the pending facturas of a subscriber, GENERAR and its confirmation. The new recibo's number is only in a toast.
import { consultar, enviar } from "../api.js";
import { cartel, tostada } from "../avisos.js";
import { abrirCuadro } from "../cuadro.js";
import { h, icono } from "../nucleo.js";
import { impresion } from "../papel.js";
import { tabla } from "../tabla.js";
import { acciones, boton, dato, tarjeta } from "./formulario.js";
import { buscarSuscriptor } from "./lupa.js";

export async function abono() {
  const datos = await consultar("/abonos/nuevo");
  if (!datos.ok) return datos;
  const camino = "RECAUDO › ABONO A FACTURA O FINANCIACIÓN";
  return { titulo: "Abono a factura o financiación", camino, contenido: pantalla(datos) };
}

function pantalla(datos) {
  const estado = { codigo: "", facturas: [], total: "", recibo: "" };
  const error = cartel();
  const elegido = h("div", { class: "datos" });
  const pendientes = h("div", {}, h("p", { class: "nada" }, "Busque un suscriptor con la lupa"));
  const generar = boton("GENERAR", { class: "boton principal", disabled: true, onclick: preguntar });
  const papel = impresion({ documento: () => `/abonos/${estado.recibo}/recibo.pdf`, decir: error.decir, descarga: true });
  const lupa = (titulo, hacer) =>
    h("button", { type: "button", title: titulo, class: "boton-icono lleno", onclick: hacer }, icono("lupa"));

  async function escoger({ codigo, nombre }) {
    estado.codigo = codigo;
    elegido.replaceChildren(
      dato("Código", codigo, { "data-testid": "codigo-elegido" }),
      dato("Suscriptor", nombre, { role: "status", "aria-label": "Suscriptor" }),
    );
    error.decir();
    generar.disabled = true;
    pendientes.replaceChildren();
    const respuesta = await consultar("/abonos/pendientes", { codigo });
    if (estado.codigo !== codigo) return;
    if (!respuesta.ok) return error.decir(respuesta.error);
    mostrarPendientes(respuesta);
  }

  function mostrarPendientes({ facturas, total }) {
    estado.facturas = facturas.map(({ numero }) => numero);
    estado.total = total;
    generar.disabled = !facturas.length;
    if (!facturas.length) return pendientes.replaceChildren(h("p", { class: "nada" }, "No hay facturas pendientes"));
    pendientes.replaceChildren(
      tabla({
        nombre: "Facturas pendientes",
        columnas: ["Número", "Fecha", "Concepto", "Saldo"],
        anchos: "130px 120px 1fr 130px",
        filas: facturas.map((f) => [f.numero, f.fecha, f.concepto, f.saldo]),
      }),
      h("div", { class: "total" }, h("span", {}, "Total a pagar"), h("output", { "aria-label": "Total a pagar" }, total)),
    );
  }

  function preguntar() {
    const cuales = estado.facturas.length === 1 ? "a la factura" : "a las facturas";
    const cuadro = abrirCuadro(
      { titulo: "Confirmación" },
      h(
        "p",
        {},
        `¿Desea generar el abono por ${estado.total} ${cuales} ${estado.facturas.join(", ")} del suscriptor ${estado.codigo}?`,
      ),
      acciones(
        boton("Cancelar", { class: "boton llano", onclick: () => cuadro.cerrar() }),
        boton("OK", {
          class: "boton principal",
          onclick() {
            cuadro.cerrar();
            confirmar();
          },
        }),
      ),
    );
  }

  async function confirmar() {
    error.decir();
    generar.disabled = true;
    const { codigo, facturas } = estado;
    const respuesta = await enviar("/abonos", { codigo, facturas });
    if (!respuesta.ok) {
      generar.disabled = false;
      return error.decir(respuesta.error);
    }
    estado.recibo = respuesta.recibo;
    papel.permitir(true);
    tostada(`Abono generado. Recibo ${respuesta.recibo}`);
  }

  const sinPermiso = () => error.decir("El abono a financiación no está habilitado para su perfil.");
  return [
    error.lugar,
    tarjeta(
      "Suscriptor",
      {},
      h(
        "div",
        { class: "fila" },
        h("span", { class: "con-lupa" }, "Abono facturas", lupa("Buscar abono facturas", () => buscarSuscriptor(datos.tipos_busqueda, escoger))),
        h("span", { class: "con-lupa" }, "Abono financiación", lupa("Buscar abono financiación", sinPermiso)),
        elegido,
      ),
    ),
    tarjeta("Facturas pendientes", {}, pendientes),
    h(
      "div",
      { class: "pie" },
      datos.ultimo && h("span", { class: "ficha vacia" }, `Recibo anterior ${datos.ultimo}`),
      papel.nodo,
      acciones(generar),
    ),
  ];
}
