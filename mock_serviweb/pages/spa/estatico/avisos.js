// What the page tells: toasts that go away, a banner that stays, and the box that nobody asked for.
import { abrirCuadro } from "./cuadro.js";
import { clase, h } from "./nucleo.js";

const DURA = 3500;
let bandeja = null;

export function tostada(texto) {
  bandeja ??= h("div", { role: "region", "aria-label": "Notificaciones", class: "bandeja" });
  document.body.append(bandeja);
  const nota = h("div", { role: "status", class: "tostada" }, texto);
  bandeja.append(nota);
  nota.getBoundingClientRect();
  nota.classList.add(clase("visible"));
  setTimeout(() => {
    nota.classList.remove(clase("visible"));
    setTimeout(() => nota.remove(), 300);
  }, DURA);
}

// A place for one error, empty until there is one.
export function cartel() {
  const lugar = h("div");
  return {
    lugar,
    decir: (texto = "") => lugar.replaceChildren(...(texto ? [h("div", { role: "alert", class: "cartel" }, texto)] : [])),
  };
}

export function avisar({ texto, nativo }) {
  if (nativo) {
    window.alert(texto);
    return;
  }
  const aceptar = h("button", { type: "button", class: "boton principal", onclick: () => cuadro.cerrar() }, "Aceptar");
  const cuadro = abrirCuadro({ titulo: "Aviso", queda: true }, h("p", {}, texto), h("div", { class: "acciones" }, aceptar));
}
