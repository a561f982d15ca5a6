// The veil that covers the page while a request is under way: nothing can be clicked or typed below it.
import { h } from "./nucleo.js";

const MINIMO = 150;
let pendientes = 0;
let velo = null;

const tragar = (suceso) => {
  suceso.preventDefault();
  suceso.stopImmediatePropagation();
};

export async function conVelo(trabajo) {
  pendientes += 1;
  if (!velo) {
    velo = h("div", { class: "velo", role: "progressbar", "aria-label": "Cargando" }, h("div", { class: "rueda" }));
    document.body.append(velo);
    window.addEventListener("keydown", tragar, true);
  }
  const desde = performance.now();
  try {
    return await trabajo();
  } finally {
    setTimeout(descubrir, Math.max(0, MINIMO - (performance.now() - desde)));
  }
}

function descubrir() {
  pendientes -= 1;
  if (pendientes) return;
  velo.remove();
  velo = null;
  window.removeEventListener("keydown", tragar, true);
}
