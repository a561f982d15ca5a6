// Factura: late look-ups, the table that lives on the server, and Guardar only when the form is complete.
"use strict";

const formulario = uno("#factura");
const guardar = uno("#guardar");
const guardarNuevo = uno("#guardar-nuevo");
const tabla = uno("#productos");
const estado = { codigo: "", tercero: "", buscado: "", lineas: Number(tabla.dataset.lineas), guardada: false, ocupado: false };

function revisar() {
  const completa =
    formulario.forma_pago.value && estado.codigo && estado.tercero && estado.lineas && formulario.observacion.value.trim();
  guardar.disabled = guardarNuevo.disabled = !completa || estado.guardada || estado.ocupado;
}

function cambiado() {
  estado.guardada = false;
  revisar();
}

function mostrarTabla(datos) {
  if (!datos.tabla) return;
  formulario.borrador.value = datos.borrador;
  tabla.innerHTML = datos.tabla;
  estado.lineas = datos.lineas;
}

function sinSuscriptor() {
  estado.codigo = "";
  for (const id of ["#suscriptor", "#ruta", "#estado"]) uno(id).textContent = "";
}

async function buscarSuscriptor() {
  sinSuscriptor();
  mensajes({});
  const datos = await buscarEn("/factura/suscriptor", { codigo: formulario.codigo.value });
  if (!datos.ok) return mensajes({ error: datos.error });
  estado.codigo = formulario.codigo.value = datos.codigo;
  uno("#suscriptor").textContent = datos.nombre;
  uno("#ruta").textContent = datos.ruta;
  uno("#estado").textContent = datos.estado;
  mostrarTabla(datos);
  cambiado();
}

function sinTercero() {
  estado.tercero = estado.buscado = "";
  uno("#tercero").textContent = uno("#tercero-creado").textContent = "";
  uno("#tercero-no-existe").hidden = true;
}

async function buscarTercero() {
  const buscado = `${formulario.tipo_documento.value} ${formulario.documento.value.trim()}`;
  if (buscado === estado.buscado || !formulario.documento.value.trim()) return;
  sinTercero();
  estado.buscado = buscado;
  const datos = await buscarEn("/factura/tercero", {
    tipo: formulario.tipo_documento.value,
    numero: formulario.documento.value,
  });
  if (estado.buscado !== buscado) return; // something else was typed meanwhile
  if (!datos.ok) {
    estado.buscado = "";
    return mensajes({ error: datos.error });
  }
  estado.tercero = datos.nombre ? buscado : "";
  uno("#tercero").textContent = datos.nombre || "";
  uno("#tercero-no-existe").hidden = Boolean(datos.nombre);
  cambiado();
}

async function cambiarLineas(direccion, valores) {
  mensajes({});
  const datos = await pedir(direccion, { borrador: formulario.borrador.value, ...valores });
  if (!datos.ok) return mensajes({ error: datos.error });
  mostrarTabla(datos);
  cambiado();
}

function limpiarFormulario() {
  formulario.reset();
  sinSuscriptor();
  sinTercero();
  uno("#impresion").disabled = true;
}

async function guardarFactura(nuevo) {
  mensajes({});
  estado.ocupado = true;
  revisar();
  const datos = await pedir("/factura/guardar", { ...campos(formulario), ...(nuevo ? { nuevo: "si" } : {}) });
  estado.ocupado = false;
  if (!datos.ok) {
    revisar();
    return mensajes({ error: datos.error });
  }
  uno("#numero").textContent = datos.numero;
  uno("#impresion").disabled = false;
  estado.guardada = true;
  if (nuevo) limpiarFormulario();
  mostrarTabla(datos);
  mensajes({ exito: datos.mensaje });
  revisar();
}

formulario.addEventListener("submit", (suceso) => suceso.preventDefault());
formulario.addEventListener("input", cambiado);
formulario.codigo.addEventListener("input", sinSuscriptor);
alEnter(formulario.codigo, buscarSuscriptor);
formulario.documento.addEventListener("input", sinTercero);
formulario.documento.addEventListener("change", buscarTercero);
alEnter(formulario.documento, buscarTercero);
formulario.tipo_documento.addEventListener("change", buscarTercero);
uno("#agregar").addEventListener("click", () => cambiarLineas("/factura/agregar", { producto: formulario.producto.value }));
uno("#limpiar").addEventListener("click", () => cambiarLineas("/factura/limpiar", {}));
tabla.addEventListener("click", (suceso) => {
  const linea = suceso.target.dataset.quitar;
  if (linea !== undefined) cambiarLineas("/factura/quitar", { linea });
});
guardar.addEventListener("click", () => guardarFactura(false));
guardarNuevo.addEventListener("click", () => guardarFactura(true));
impresion((vista) => `/factura/${uno("#numero").textContent}/solicitud${vista}`, "popup,width=860,height=1000");

// Nuevo tercero
const caja = uno("#caja-tercero");
const nuevo = uno("#form-tercero");

async function guardarTercero(otro) {
  mostrar(uno("#error-tercero"), "");
  const botones = nuevo.querySelectorAll("button");
  for (const boton of botones) boton.disabled = true;
  const datos = await pedir("/tercero/guardar", campos(nuevo));
  for (const boton of botones) boton.disabled = false;
  if (!datos.ok) return mostrar(uno("#error-tercero"), datos.error);
  sinTercero();
  uno("#tercero-creado").textContent = datos.mensaje;
  if (otro) return nuevo.reset();
  caja.hidden = true;
  formulario.tipo_documento.value = datos.tipo;
  formulario.documento.value = datos.documento;
  estado.buscado = estado.tercero = `${datos.tipo} ${datos.documento}`;
  uno("#tercero").textContent = datos.nombre;
  cambiado();
}

uno("#nuevo-tercero").addEventListener("click", () => {
  nuevo.reset();
  mostrar(uno("#error-tercero"), "");
  abrir(caja);
});
nuevo.addEventListener("submit", (suceso) => suceso.preventDefault());
uno("#t-guardar").addEventListener("click", () => guardarTercero(false));
uno("#t-guardar-nuevo").addEventListener("click", () => guardarTercero(true));
uno("#t-cancelar").addEventListener("click", () => {
  caja.hidden = true;
});
revisar();
