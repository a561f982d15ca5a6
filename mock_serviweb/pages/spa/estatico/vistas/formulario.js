// Pieces that the forms share.
import { clase, h, identificador } from "../nucleo.js";

// A visible name above a field. With `atado` it is a label; some fields only look as if they had one.
export function campo(nombre, entrada, { atado = false, corto = false } = {}) {
  if (atado) entrada.id = identificador();
  const rotulo = atado ? h("label", { for: entrada.id }, nombre) : h("span", { class: "rotulo", "aria-hidden": "true" }, nombre);
  return h("div", { class: corto ? "campo corto" : "campo" }, rotulo, entrada);
}

export const tarjeta = (titulo, atributos, ...contenido) =>
  h("section", { class: "tarjeta", ...atributos }, titulo && h("h2", {}, titulo), ...contenido);

export const boton = (texto, atributos) => h("button", { type: "button", class: "boton", ...atributos }, texto);

// What a look-up found: comes with the data, is not there before.
export const dato = (nombre, valor, atributos = {}) =>
  h("div", { class: "dato" }, h("small", {}, nombre), h("span", atributos, valor));

export const acciones = (...contenido) => h("div", { class: "acciones" }, ...contenido);

export function alEnter(entrada, hacer) {
  entrada.addEventListener("keydown", (suceso) => {
    if (suceso.key !== "Enter") return;
    suceso.preventDefault();
    hacer();
  });
}

// The number of the last document: stands there before this one has its own.
export function ficha(palabra, inicial, atributos) {
  const nodo = h("span", atributos);
  const poner = (numero) => {
    nodo.className = clase(numero ? "ficha" : "ficha vacia");
    nodo.textContent = numero ? `${palabra} ${numero}` : `${palabra} sin número`;
  };
  poner(inicial);
  return { nodo, poner };
}
