// Caja: find a recibo, register its payment.
import { consultar, enviar } from "../api.js";
import { cartel, tostada } from "../avisos.js";
import { h } from "../nucleo.js";
import { acciones, alEnter, boton, campo, dato, tarjeta } from "./formulario.js";

export async function caja() {
  const datos = await consultar("/caja");
  return datos.ok ? { titulo: "Caja", camino: "RECAUDO › CAJA", contenido: pantalla() } : { titulo: "Caja", error: datos.error };
}

function pantalla() {
  const error = cartel();
  const recibo = h("input", { class: "entrada", placeholder: "Número de recibo" });
  const hallado = h("div", { class: "datos" });
  const pagar = boton("Registrar pago", { class: "boton principal", disabled: true, onclick: registrar });
  let numero = "";

  function mostrar({ codigo, nombre, facturas, valor, estado }, pago) {
    hallado.replaceChildren(
      dato("Código", codigo),
      dato("Suscriptor", nombre),
      dato("Factura", facturas),
      dato("Valor", valor),
      dato("Estado del recibo", estado, { role: "status", "aria-label": "Estado del recibo", class: "pastilla" }),
      ...(pago ? [dato("Pago n.º", pago, { role: "status", "aria-label": "Número de pago" })] : []),
    );
    pagar.disabled = estado === "Pagado";
  }

  let ultimo = null;
  async function buscar() {
    error.decir();
    hallado.replaceChildren();
    pagar.disabled = true;
    const respuesta = await consultar("/caja/recibo", { numero: recibo.value });
    if (!respuesta.ok) return error.decir(respuesta.error);
    ({ numero } = respuesta);
    ultimo = respuesta;
    mostrar(respuesta);
  }

  async function registrar() {
    pagar.disabled = true;
    error.decir();
    const respuesta = await enviar("/caja/pagos", { numero });
    if (!respuesta.ok) return error.decir(respuesta.error);
    mostrar({ ...ultimo, estado: "Pagado" }, respuesta.pago);
    tostada("Pago registrado.");
  }

  alEnter(recibo, buscar);
  return [
    error.lugar,
    tarjeta(
      "Recibo de pago",
      {},
      h("div", { class: "fila" }, campo("Recibo", recibo, { corto: true }), boton("Buscar", { class: "boton tono", onclick: buscar })),
      hallado,
    ),
    h("div", { class: "pie" }, acciones(pagar)),
  ];
}
