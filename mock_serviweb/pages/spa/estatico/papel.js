// The printing symbol, its options, and the PDF shown beside the page.
import { traerPapel } from "./api.js";
import { h, icono } from "./nucleo.js";

let panel = null;

export function cerrarPapel() {
  if (!panel) return;
  URL.revokeObjectURL(panel.direccion);
  panel.nodo.remove();
  panel = null;
}

// The panel stands below the top bar: the menus stay free.
async function mostrarPapel(direccion, decir) {
  const respuesta = await traerPapel(direccion);
  if (!respuesta.ok) return decir(respuesta.error);
  cerrarPapel();
  const blob = URL.createObjectURL(respuesta.papel);
  const nodo = h(
    "aside",
    { role: "dialog", "aria-label": "Documento", class: "papel" },
    h(
      "header",
      {},
      h("strong", {}, "Documento"),
      h("button", { type: "button", title: "Cerrar documento", class: "boton-icono", onclick: cerrarPapel }, icono("cerrar")),
    ),
    h("iframe", { src: blob, title: "Documento en PDF" }),
  );
  document.body.append(nodo);
  panel = { nodo, direccion: blob };
}

function descargar(direccion) {
  const enlace = h("a", { href: `/api/v1${direccion}`, download: "recibo.pdf", hidden: true });
  document.body.append(enlace);
  enlace.click();
  enlace.remove();
}

// `documento()` says where the paper is; a recibo is downloaded, everything else shows beside the page.
export function impresion({ documento, decir, descarga = false }) {
  const pedir = (vista) => (descarga ? descargar(documento() + vista) : mostrarPapel(documento() + vista, decir));
  const opcion = (texto, hacer) =>
    h("button", { type: "button", role: "menuitem", class: "opcion-menu", onclick: hacer }, texto);
  const menu = h(
    "div",
    { role: "menu", "aria-label": "Impresión", class: "menu arriba", hidden: true },
    opcion("Imprimir", () => pedir("")),
    opcion("Enviar por correo", () => decir("El envío por correo no está configurado.")),
    opcion("Vista previa", () => pedir("?vista=previa")),
  );
  const simbolo = h(
    "button",
    { type: "button", title: "Opciones de impresión", "aria-haspopup": "menu", class: "boton-icono", disabled: true },
    icono("imprimir"),
  );
  simbolo.addEventListener("click", (suceso) => {
    suceso.stopPropagation();
    menu.hidden = !menu.hidden;
    if (!menu.hidden) document.addEventListener("click", () => (menu.hidden = true), { once: true });
  });
  return { nodo: h("div", { class: "impresion" }, simbolo, menu), permitir: (si) => (simbolo.disabled = !si) };
}
