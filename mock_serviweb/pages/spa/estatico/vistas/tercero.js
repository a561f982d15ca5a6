// Terceros: who asks, found by document, or put into the directory through the box behind the +.
import { consultar, enviar } from "../api.js";
import { cartel, tostada } from "../avisos.js";
import { abrirCuadro } from "../cuadro.js";
import { lista } from "../lista.js";
import { h, icono } from "../nucleo.js";
import { acciones, alEnter, boton, campo, dato, tarjeta } from "./formulario.js";

// The card comes with the first subscriber found; nobody is billed before.
export function terceros({ tipos, decir, alCambiar }) {
  const estado = { nombre: "", buscado: "" };
  const tipo = lista({ nombre: "Tipo de documento", alCambiar: (texto) => texto && buscar() });
  const documento = h("input", { class: "entrada", placeholder: "Número de documento", maxlength: "20" });
  const hallado = h("div", { class: "datos" });
  const mas = h("button", { type: "button", title: "Nuevo tercero", class: "boton-icono lleno", onclick: crear }, icono("mas"));
  const nodo = tarjeta(
    "Terceros",
    { role: "group", "aria-label": "Terceros", hidden: true },
    h("div", { class: "fila" }, campo("Tipo", tipo.campo), campo("Documento", documento), mas),
    hallado,
  );
  tipo.llenar(tipos, tipos[0]);

  function olvidar() {
    estado.nombre = estado.buscado = "";
    hallado.replaceChildren();
    alCambiar();
  }

  function mostrarNombre(nombre, creado) {
    estado.nombre = nombre;
    hallado.replaceChildren(
      dato("Tercero", nombre, { "data-testid": "tercero" }),
      ...(creado ? [dato("Tercero creado", creado, { role: "status", "aria-label": "Tercero creado" })] : []),
    );
    alCambiar();
  }

  async function buscar() {
    const numero = documento.value.trim();
    const buscado = `${tipo.valor} ${numero}`;
    if (!numero || buscado === estado.buscado) return;
    olvidar();
    estado.buscado = buscado;
    const respuesta = await consultar("/facturas/tercero", { tipo: tipo.valor, documento: numero });
    if (estado.buscado !== buscado) return; // something else was typed meanwhile
    if (!respuesta.ok) {
      estado.buscado = "";
      return decir(respuesta.error);
    }
    if (respuesta.tercero) return mostrarNombre(respuesta.tercero.nombre);
    hallado.replaceChildren(h("p", { class: "nota" }, "El tercero no aparece en el sistema."));
  }

  function crear() {
    nuevoTercero(tipos, (creado) => {
      tipo.llenar(tipos, creado.tipo_documento);
      documento.value = creado.documento;
      estado.buscado = `${creado.tipo_documento} ${creado.documento}`;
      mostrarNombre(creado.nombre, creado.numero);
    });
  }

  documento.addEventListener("input", olvidar);
  documento.addEventListener("change", buscar);
  alEnter(documento, buscar);
  return {
    nodo,
    mostrar: () => (nodo.hidden = false),
    limpiar() {
      documento.value = "";
      olvidar();
    },
    get nombre() {
      return estado.nombre;
    },
    get documento() {
      return { tipo_documento: tipo.valor, documento: documento.value.trim() };
    },
  };
}

function nuevoTercero(tipos, alCrear) {
  const error = cartel();
  const tipo = lista({ nombre: "Tipo de documento" });
  tipo.llenar(tipos, tipos[0]);
  const entrada = (placeholder) => h("input", { class: "entrada", placeholder });
  const campos = {
    documento: entrada("Número de documento"),
    nombres: entrada("Nombres"),
    apellidos: entrada("Apellidos"),
    celular: entrada("Celular"),
    direccion: entrada("Dirección (opcional)"),
  };
  const escrito = () => Object.fromEntries(Object.entries(campos).map(([clave, { value }]) => [clave, value]));

  async function guardar(otro) {
    error.decir();
    const respuesta = await enviar("/terceros", { tipo_documento: tipo.valor, ...escrito() });
    if (!respuesta.ok) return error.decir(respuesta.error);
    tostada("Tercero guardado.");
    alCrear(respuesta);
    if (!otro) return cuadro.cerrar();
    for (const cada of Object.values(campos)) cada.value = "";
  }

  const cuadro = abrirCuadro(
    { titulo: "Nuevo tercero" },
    error.lugar,
    h(
      "div",
      { class: "rejilla" },
      campo("Tipo de documento", tipo.campo),
      campo("Número", campos.documento),
      campo("Nombres", campos.nombres),
      campo("Apellidos", campos.apellidos),
      campo("Celular", campos.celular),
      campo("Dirección", campos.direccion),
    ),
    acciones(
      boton("Cancelar", { class: "boton llano", onclick: () => cuadro.cerrar() }),
      boton("Guardar y nuevo", { onclick: () => guardar(true) }),
      boton("Guardar", { class: "boton principal", onclick: () => guardar(false) }),
    ),
  );
}
