// Inicio, and the modules that nobody here may use.
import { consultar } from "../api.js";
import { h } from "../nucleo.js";
import { tarjeta } from "./formulario.js";

export async function inicio() {
  const datos = await consultar("/inicio");
  if (!datos.ok) return datos;
  return {
    titulo: "Inicio",
    contenido: [
      tarjeta(
        `Buen día, ${datos.nombre}`,
        {},
        h("p", { class: "suave" }, `Perfil: ${datos.perfil}. Escoja una opción en los menús de la parte superior izquierda.`),
      ),
      tarjeta("Cartelera", {}, h("ul", { class: "cartelera" }, datos.cartelera.map((texto) => h("li", {}, texto)))),
    ],
  };
}

export async function modulo(nombre) {
  const datos = await consultar(`/modulos/${nombre}`);
  if (!datos.ok) return { titulo: "No encontrado", error: datos.error };
  return {
    titulo: datos.titulo,
    error: datos.mensaje,
    contenido: tarjeta("", {}, h("p", { class: "suave" }, "Si necesita este módulo, solicítelo al administrador de Serviweb.")),
  };
}
