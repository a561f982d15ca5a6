// The frame around every view: the top bar with its three menus, the rail at the side, and the place for the view.
import { enviar } from "./api.js";
import { h, icono } from "./nucleo.js";
import { enlace, ir } from "./rutas.js";

const ATAJOS = [
  ["Ir al inicio", "/inicio", "casa"],
  ["Ir a factura", "/factura", "factura"],
  ["Ir a abono", "/abono", "recaudo"],
  ["Ir a trámite", "/tramite", "tramite"],
];

function menu({ nombre, opciones }, cerrarOtros) {
  const lista = h(
    "div",
    { role: "menu", "aria-label": nombre, class: "menu", hidden: true },
    opciones.map(({ nombre: texto, ruta }) => enlace(ruta, { role: "menuitem", class: "opcion-menu" }, texto)),
  );
  const boton = h(
    "button",
    { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", class: "boton-menu" },
    nombre,
    icono("abajo", 16),
  );
  const abrir = (si) => {
    lista.hidden = !si;
    boton.setAttribute("aria-expanded", String(si));
  };
  boton.addEventListener("click", (suceso) => {
    suceso.stopPropagation();
    const cerrado = lista.hidden;
    cerrarOtros();
    abrir(cerrado);
  });
  return { nodo: h("div", { class: "con-menu" }, boton, lista), cerrar: () => abrir(false) };
}

async function salir() {
  await enviar("/sesion/cierre");
  ir("/ingreso");
}

export function marco(sesion, vista) {
  const menus = sesion.menus.map((cada) => menu(cada, () => menus.forEach((otro) => otro.cerrar())));
  document.addEventListener("click", () => menus.forEach((otro) => otro.cerrar()));
  document.addEventListener("keydown", ({ key }) => key === "Escape" && menus.forEach((otro) => otro.cerrar()));
  const iniciales = sesion.nombre.split(" ").map((palabra) => palabra[0]).slice(0, 2).join("");
  return h(
    "div",
    { class: "marco" },
    h(
      "header",
      { class: "barra" },
      h("nav", { "aria-label": "Menú principal" }, menus.map(({ nodo }) => nodo)),
      h("div", { class: "marca" }, icono("gota", 22), h("span", {}, "Serviweb")),
      h(
        "div",
        { class: "usuario" },
        h("span", { class: "persona", "aria-hidden": "true" }, iniciales),
        h("span", {}, h("strong", {}, sesion.nombre), h("small", {}, `${sesion.usuario} · ${sesion.perfil}`)),
        h("button", { type: "button", title: "Cerrar sesión", class: "boton-icono", onclick: salir }, icono("salir")),
      ),
    ),
    h(
      "div",
      { class: "riel" },
      ATAJOS.map(([titulo, ruta, dibujo]) => enlace(ruta, { title: titulo, class: "atajo" }, icono(dibujo, 22))),
    ),
    h("main", { class: "vista" }, vista),
  );
}
