// A type-ahead list: an input, and a floating list at the end of the page that filters as one types.
import { clase, h } from "./nucleo.js";

const ESPERA = 120;
const llano = (texto) => texto.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

let abierta = () => {};

// Below the field, or above it where there is no room.
function junto(campo) {
  const { left, top, bottom, width } = campo.getBoundingClientRect();
  const debajo = window.innerHeight - bottom;
  const donde = debajo < 280 && top > debajo ? `bottom:${window.innerHeight - top + 4}px` : `top:${bottom + 4}px`;
  return `left:${left}px;${donde};min-width:${width}px`;
}

// With `acentos` they count when filtering. `alCambiar(texto)` hears each choice, and "" when there is none any more.
export function lista({ nombre, acentos = false, alCambiar = () => {}, ...atributos }) {
  let opciones = [];
  let elegida = "";
  let marcada = -1;
  let flotante = null;
  let reloj = 0;
  const igual = acentos ? (texto) => texto.toLowerCase() : llano;
  const campo = h("input", {
    type: "text",
    role: "combobox",
    "aria-label": nombre,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    autocomplete: "off",
    placeholder: "Escriba para buscar…",
    class: "entrada lista",
    ...atributos,
  });

  function cerrar() {
    clearTimeout(reloj);
    flotante?.remove();
    flotante = null;
    marcada = -1;
    campo.setAttribute("aria-expanded", "false");
  }

  function elegir(texto) {
    cerrar();
    campo.value = texto;
    if (texto === elegida) return;
    elegida = texto;
    alCambiar(texto);
  }

  function marcar(n) {
    const filas = flotante.querySelectorAll('[role="option"]');
    marcada = filas.length ? (n + filas.length) % filas.length : -1;
    filas.forEach((fila, i) => {
      fila.setAttribute("aria-selected", String(i === marcada));
      fila.classList.toggle(clase("marcada"), i === marcada);
    });
    filas[marcada]?.scrollIntoView({ block: "nearest" });
  }

  function mostrar(busca) {
    cerrar();
    if (campo.disabled) return;
    const hallo = opciones.filter((texto) => igual(texto).includes(igual(busca.trim())));
    const filas = hallo.map((texto) =>
      h(
        "div",
        {
          role: "option",
          class: "opcion",
          onmousedown: (suceso) => {
            suceso.preventDefault(); // the input keeps the focus
            elegir(texto);
          },
          onclick: () => elegir(texto),
        },
        texto,
      ),
    );
    flotante = h(
      "div",
      { role: "listbox", "aria-label": nombre, class: "flotante", style: junto(campo) },
      filas.length ? filas : h("p", { class: "nada" }, "Sin coincidencias"),
    );
    abierta = cerrar;
    document.body.append(flotante);
    campo.setAttribute("aria-expanded", "true");
    if (busca.trim()) marcar(0);
  }

  function teclear(suceso) {
    if (suceso.key === "Escape") cerrar();
    if (!flotante) return;
    if (suceso.key === "ArrowDown" || suceso.key === "ArrowUp") {
      suceso.preventDefault();
      marcar(marcada + (suceso.key === "ArrowDown" ? 1 : -1));
    }
    if (suceso.key === "Enter") {
      suceso.preventDefault();
      const fila = flotante.querySelectorAll('[role="option"]')[marcada];
      if (fila) elegir(fila.textContent);
    }
  }

  campo.addEventListener("focus", () => mostrar(""));
  campo.addEventListener("mousedown", () => document.activeElement === campo && !flotante && mostrar(""));
  campo.addEventListener("input", () => {
    if (elegida) {
      elegida = "";
      alCambiar("");
    }
    clearTimeout(reloj);
    marcada = -1; // what was marked answers an older text
    reloj = setTimeout(() => mostrar(campo.value), ESPERA);
  });
  campo.addEventListener("keydown", teclear);
  campo.addEventListener("blur", () => {
    const texto = campo.value.trim();
    elegir(opciones.includes(texto) ? texto : "");
  });

  return {
    campo,
    get valor() {
      return elegida;
    },
    llenar(textos, inicial = "") {
      opciones = [...textos];
      campo.disabled = !opciones.length;
      elegida = campo.value = inicial;
      cerrar();
    },
    poner: elegir,
  };
}

// A list stays where it was opened: when the page moves below it, or the view goes, it closes.
export const cerrarLista = () => abierta();
window.addEventListener("resize", cerrarLista);
document.addEventListener("scroll", ({ target }) => target === document && cerrarLista(), true);
