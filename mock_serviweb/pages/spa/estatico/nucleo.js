// Making elements, and the class names that nobody can rely on: each load of the page invents its own.

const inventados = new Map();
const letra = (n) => (n % 36).toString(36);

function inventar() {
  const azar = crypto.getRandomValues(new Uint8Array(6));
  return `css-${Array.from(azar, letra).join("")}`;
}

// Words of the style sheet → this load's class names.
export function clase(palabras) {
  return palabras
    .split(/\s+/)
    .filter(Boolean)
    .map((palabra) => {
      if (!inventados.has(palabra)) inventados.set(palabra, inventar());
      return inventados.get(palabra);
    })
    .join(" ");
}

// A label needs an id; it is as random as the classes.
export const identificador = () => inventar().replace("css", "r");

export async function vestir() {
  const hoja = await (await fetch("/estatico/serviweb.css")).text();
  const texto = hoja.replace(/\.([a-z][\w-]*)(?=[^{};]*\{)/g, (_, palabra) => `.${clase(palabra)}`);
  document.head.append(h("style", {}, texto));
}

// h("button", { class: "boton", onclick }, "Guardar"): false, null and undefined are left out, true is an empty attribute.
export function h(etiqueta, atributos = {}, ...hijos) {
  const elemento = document.createElement(etiqueta);
  for (const [nombre, valor] of Object.entries(atributos)) {
    if (valor === false || valor === null || valor === undefined) continue;
    if (nombre.startsWith("on")) elemento.addEventListener(nombre.slice(2), valor);
    else if (nombre === "class") elemento.className = clase(valor);
    else elemento.setAttribute(nombre, valor === true ? "" : valor);
  }
  elemento.append(...hijos.flat().filter((hijo) => hijo !== null && hijo !== undefined && hijo !== false));
  return elemento;
}

const TRAZOS = {
  gota: "M12 3c4 5.2 6.5 8 6.5 11.2a6.5 6.5 0 0 1-13 0C5.5 11 8 8.2 12 3z",
  casa: "M4 11.5 12 4l8 7.500M6 10v10h4.500v-6h3v6H18V10",
  factura: "M6 3h9l4 4v14H6zM14.5 3v4.500H19M9 12h7M9 16h7",
  recaudo: "M3 7h18v11H3zM3 11h18M6.5 15h4",
  tramite: "M8 4h8v3H8zM8 5.500H5V21h14V5.500h-3M8.5 12.500l2.5 2.5 4.5-4.5",
  salir: "M14 4H5v16h9M10 12h11M17.5 8.5 21 12l-3.5 3.5",
  lupa: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 21 21",
  imprimir: "M7 9V3h10v6M7 17H3V9h18v8h-4M7 14h10v7H7z",
  mas: "M12 5v14M5 12h14",
  quitar: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  cerrar: "M6 6l12 12M18 6 6 18",
  abajo: "M7 10l5 5 5-5",
};

export function icono(nombre, tamano = 20) {
  const plantilla = document.createElement("template");
  plantilla.innerHTML =
    `<svg viewBox="0 0 24 24" width="${tamano}" height="${tamano}" aria-hidden="true" fill="none" stroke="currentColor" ` +
    `stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><path d="${TRAZOS[nombre]}"/></svg>`;
  return plantilla.content.firstChild;
}
