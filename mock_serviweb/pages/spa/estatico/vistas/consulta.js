// Consultas: a subscriber's facturas, recibos or trámites, in a table that scrolls.
import { consultar } from "../api.js";
import { cartel } from "../avisos.js";
import { h } from "../nucleo.js";
import { tablaVirtual } from "../tabla.js";
import { alEnter, boton, campo, dato, tarjeta } from "./formulario.js";

const LISTAS = {
  facturas: {
    titulo: "Consulta de facturas",
    camino: "SUSCRIPTOR › CONSULTA DE FACTURAS",
    nombre: "Facturas del suscriptor",
    columnas: ["Número", "Fecha", "Productos", "Total", "Estado", "Usuario", "Observación"],
    anchos: "95px 145px 1.2fr 100px 100px 100px 1.4fr",
  },
  recibos: {
    titulo: "Consulta de recibos",
    camino: "RECAUDO › CONSULTA DE RECIBOS",
    nombre: "Recibos del suscriptor",
    columnas: ["Número", "Fecha", "Factura", "Valor", "Estado", "Usuario"],
    anchos: "130px 150px 1fr 130px 120px 130px",
  },
  tramites: {
    titulo: "Consulta de trámites",
    camino: "PQR › CONSULTA DE TRÁMITES",
    nombre: "Trámites del suscriptor",
    columnas: ["Radicado", "Fecha", "Causal", "Estado", "Usuario", "Observación"],
    anchos: "125px 145px 1fr 100px 100px 1.6fr",
  },
};

export async function consulta(cual) {
  const pedida = LISTAS[cual];
  if (!pedida) return { titulo: "No encontrado", error: "La página no existe." };
  const datos = await consultar(`/consultas/${cual}`);
  if (!datos.ok) return datos;
  return { titulo: pedida.titulo, camino: pedida.camino, contenido: pantalla(cual, pedida) };
}

function pantalla(cual, { nombre, columnas, anchos }) {
  const error = cartel();
  const codigo = h("input", { class: "entrada", placeholder: "Código del suscriptor", maxlength: "12" });
  const hallado = h("div", { class: "datos" });
  const filas = h("div");

  async function buscar() {
    if (!codigo.value.trim()) return;
    error.decir();
    hallado.replaceChildren();
    filas.replaceChildren();
    const respuesta = await consultar(`/consultas/${cual}`, { codigo: codigo.value.trim() });
    if (!respuesta.ok) return error.decir(respuesta.error);
    hallado.replaceChildren(
      dato("Suscriptor", respuesta.suscriptor.nombre, { "data-testid": "suscriptor" }),
      dato("Ruta", respuesta.suscriptor.ruta),
    );
    const cuantas = respuesta.filas.length;
    filas.replaceChildren(
      tarjeta(
        "",
        {},
        cuantas ? tablaVirtual({ nombre, columnas, anchos, filas: respuesta.filas }) : h("p", { class: "nada" }, "Sin registros"),
        cuantas > 0 && h("p", { class: "suave menuda" }, `${cuantas} en total`),
      ),
    );
  }

  alEnter(codigo, buscar);
  return [
    error.lugar,
    tarjeta(
      "",
      {},
      h("div", { class: "fila" }, campo("Código", codigo, { corto: true }), boton("Consultar", { class: "boton principal", onclick: buscar }), hallado),
    ),
    filas,
  ];
}
