// Addresses without leaving the page.
import { h } from "./nucleo.js";

let mostrar = () => {};

export const alCambiar = (hacer) => {
  mostrar = hacer;
  window.addEventListener("popstate", () => hacer());
};

export function ir(direccion, { reemplazar = false } = {}) {
  history[reemplazar ? "replaceState" : "pushState"](null, "", direccion);
  mostrar();
}

export function enlace(direccion, atributos, ...hijos) {
  const alClic = (suceso) => {
    if (suceso.ctrlKey || suceso.metaKey || suceso.shiftKey) return;
    suceso.preventDefault();
    ir(direccion);
  };
  return h("a", { href: direccion, onclick: alClic, ...atributos }, ...hijos);
}
