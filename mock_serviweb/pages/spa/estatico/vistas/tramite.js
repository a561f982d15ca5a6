// Trámite: lists that fill late, and Guardar only when the form is complete.
import { consultar, enviar } from "../api.js";
import { cartel, tostada } from "../avisos.js";
import { lista } from "../lista.js";
import { h } from "../nucleo.js";
import { impresion } from "../papel.js";
import { acciones, alEnter, boton, campo, dato, ficha, tarjeta } from "./formulario.js";

export async function tramite() {
  const datos = await consultar("/tramites/nuevo");
  if (!datos.ok) return datos;
  return { titulo: "Trámite", camino: "PQR › TRÁMITE", contenido: pantalla(datos) };
}

const barraDelTelefono = () =>
  h(
    "div",
    { class: "solo-telefono" },
    h("input", { role: "combobox", "aria-label": "Causal", value: "RECONEXIÓN DEL SERVICIO" }),
    boton("Guardar"),
  );

function pantalla(datos) {
  const estado = { codigo: "", radicado: "", guardado: false };
  const error = cartel();
  const numero = ficha("Radicado", datos.ultimo, { role: "status", "data-testid": "ficha-radicado" });
  const papel = impresion({ documento: () => `/tramites/${estado.radicado}/solicitud.pdf`, decir: error.decir });

  const zona = lista({ nombre: "Zona", alCambiar: cambiado });
  const medio = lista({ nombre: "Medio", alCambiar: cambiado });
  const servicio = lista({ nombre: "Servicio", alCambiar: cambiado });
  const tipo = lista({ nombre: "Tipo de trámite", alCambiar: buscarCausales });
  const causal = lista({ nombre: "Causal", alCambiar: cambiado });
  const codigo = h("input", { class: "entrada", placeholder: "Código del suscriptor", inputmode: "numeric", maxlength: "12" });
  const suscriptor = h("div", { class: "datos" });
  const observacion = h("textarea", { class: "entrada", rows: "3", oninput: cambiado });
  const notificacion = h("input", { type: "checkbox" });
  const guardar = boton("Guardar", { class: "boton principal", onclick: () => guardarTramite(false) });
  const guardarNuevo = boton("Guardar y nuevo", { onclick: () => guardarTramite(true) });
  zona.llenar(datos.zonas);
  medio.llenar(datos.medios);
  tipo.llenar(datos.tipos);
  servicio.llenar([]);
  causal.llenar([]);

  function revisar() {
    const listas = [zona, medio, servicio, tipo, causal].every(({ valor }) => valor);
    guardar.disabled = guardarNuevo.disabled = !listas || !estado.codigo || !observacion.value.trim() || estado.guardado;
  }

  function cambiado() {
    estado.guardado = false;
    revisar();
  }

  function sinSuscriptor() {
    estado.codigo = "";
    suscriptor.replaceChildren();
    servicio.llenar([]);
    revisar();
  }

  async function buscarSuscriptor() {
    sinSuscriptor();
    error.decir();
    const hallado = await consultar("/tramites/suscriptor", { codigo: codigo.value });
    if (!hallado.ok) return error.decir(hallado.error);
    estado.codigo = codigo.value = hallado.suscriptor.codigo;
    suscriptor.replaceChildren(
      dato("Suscriptor", hallado.suscriptor.nombre, { "data-testid": "suscriptor" }),
      dato("Ruta", hallado.suscriptor.ruta, { role: "status", "aria-label": "Ruta" }),
    );
    servicio.llenar(hallado.servicios);
    cambiado();
  }

  async function buscarCausales(elegido) {
    causal.llenar([]);
    cambiado();
    if (!elegido) return;
    const respuesta = await consultar("/tramites/causales", { tipo: elegido });
    if (tipo.valor !== elegido) return;
    if (!respuesta.ok) return error.decir(respuesta.error);
    causal.llenar(respuesta.causales);
  }

  async function guardarTramite(nuevo) {
    error.decir();
    guardar.disabled = guardarNuevo.disabled = true;
    const respuesta = await enviar("/tramites", {
      zona: zona.valor,
      medio: medio.valor,
      codigo: estado.codigo,
      servicio: servicio.valor,
      tipo: tipo.valor,
      causal: causal.valor,
      observacion: observacion.value,
      notificacion: notificacion.checked,
    });
    if (!respuesta.ok) {
      revisar();
      return error.decir(respuesta.error);
    }
    estado.radicado = respuesta.radicado;
    estado.guardado = true;
    numero.poner(respuesta.radicado);
    papel.permitir(!nuevo);
    tostada("Trámite radicado.");
    if (!nuevo) return revisar();
    for (const cada of [zona, medio, tipo]) cada.poner("");
    codigo.value = observacion.value = "";
    notificacion.checked = false;
    sinSuscriptor();
  }

  alEnter(codigo, buscarSuscriptor);
  codigo.addEventListener("input", sinSuscriptor);
  revisar();
  return [
    error.lugar,
    barraDelTelefono(),
    tarjeta(
      "Atención",
      {},
      h("div", { class: "rejilla tres" }, campo("Zona", zona.campo), campo("Medio", medio.campo), campo("Código", codigo)),
      suscriptor,
    ),
    tarjeta(
      "Solicitud",
      {},
      h(
        "div",
        { class: "rejilla tres" },
        campo("Servicio", servicio.campo),
        campo("Tipo de trámite", tipo.campo),
        campo("Causal", causal.campo),
      ),
      campo("Observación", observacion, { atado: true }),
      h("label", { class: "casilla" }, notificacion, "Acepto notificación electrónica"),
    ),
    h("div", { class: "pie" }, numero.nodo, papel.nodo, acciones(guardarNuevo, guardar)),
  ];
}
