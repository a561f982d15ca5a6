// A box over the page. It fades in and out; what is clicked before it stands still is swallowed.
import { clase, h } from "./nucleo.js";

const ENTRA = 350;
const abiertos = new Set();
const RATONES = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "dblclick"];

// A transition tells its own end; a page in the background may never run it, hence the clock.
function alTerminar(elemento, propiedad, milisegundos, hacer) {
  let hecho = false;
  const una = () => {
    if (hecho) return;
    hecho = true;
    hacer();
  };
  elemento.addEventListener("transitionend", (suceso) => {
    if (suceso.target === elemento && suceso.propertyName === propiedad) una();
  });
  setTimeout(una, milisegundos);
}

// `queda`: it outlives the view, since nobody of the view opened it.
export function abrirCuadro({ titulo, ancho = false, queda = false }, ...contenido) {
  const caja = h(
    "div",
    { role: "dialog", "aria-modal": "true", "aria-label": titulo, class: ancho ? "cuadro ancho" : "cuadro" },
    h("h2", {}, titulo),
    ...contenido,
  );
  const fondo = h("div", { class: "fondo" }, caja);
  let quieto = false;
  for (const tipo of RATONES) {
    fondo.addEventListener(
      tipo,
      (suceso) => {
        if (quieto) return;
        suceso.preventDefault();
        suceso.stopImmediatePropagation();
      },
      true,
    );
  }
  document.body.append(fondo);
  fondo.getBoundingClientRect(); // its first state is drawn before the transition begins
  fondo.classList.add(clase("abierto"));
  alTerminar(caja, "opacity", ENTRA * 3, () => {
    quieto = fondo.classList.contains(clase("abierto"));
  });
  function cerrar() {
    if (!fondo.classList.contains(clase("abierto"))) return;
    quieto = false;
    fondo.classList.remove(clase("abierto"));
    alTerminar(caja, "opacity", ENTRA * 2, () => fondo.remove());
  }
  if (!queda) abiertos.add(cerrar);
  return { caja, cerrar };
}

export function cerrarCuadros() {
  for (const cerrar of abiertos) cerrar();
  abiertos.clear();
}
