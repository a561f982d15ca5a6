// Trámite: lists that fill late, and Guardar only when the form is complete.
"use strict";

const formulario = uno("#tramite");
const guardar = uno("#guardar");
const guardarNuevo = uno("#guardar-nuevo");
const estado = { codigo: "", guardado: false, ocupado: false };

function revisar() {
  const { zona, medio, servicio, tipo, causal, observacion } = formulario;
  const completo = estado.codigo && [zona, medio, servicio, tipo, causal, observacion].every((c) => c.value.trim());
  guardar.disabled = guardarNuevo.disabled = !completo || estado.guardado || estado.ocupado;
}

function cambiado() {
  estado.guardado = false;
  revisar();
}

function sinSuscriptor() {
  estado.codigo = "";
  uno("#suscriptor").textContent = uno("#ruta").textContent = "";
  llenar(formulario.servicio, []);
}

async function buscarSuscriptor() {
  sinSuscriptor();
  mensajes({});
  const datos = await buscarEn("/tramite/suscriptor", { codigo: formulario.codigo.value });
  if (!datos.ok) return mensajes({ error: datos.error });
  estado.codigo = formulario.codigo.value = datos.codigo;
  uno("#suscriptor").textContent = datos.nombre;
  uno("#ruta").textContent = datos.ruta;
  llenar(formulario.servicio, datos.servicios);
  cambiado();
}

async function buscarCausales() {
  const tipo = formulario.tipo.value;
  llenar(formulario.causal, []);
  revisar();
  if (!tipo) return;
  const datos = await buscarEn("/tramite/causales", { tipo });
  if (formulario.tipo.value !== tipo) return;
  if (!datos.ok) return mensajes({ error: datos.error });
  llenar(formulario.causal, datos.causales);
}

async function guardarTramite(nuevo) {
  mensajes({});
  estado.ocupado = true;
  revisar();
  const datos = await pedir("/tramite/guardar", campos(formulario));
  estado.ocupado = false;
  if (!datos.ok) {
    revisar();
    return mensajes({ error: datos.error });
  }
  uno("#numero").textContent = datos.numero;
  uno("#impresion").disabled = nuevo;
  estado.guardado = true;
  if (nuevo) {
    formulario.reset();
    sinSuscriptor();
    llenar(formulario.causal, []);
  }
  mensajes({ exito: datos.mensaje });
  revisar();
}

formulario.addEventListener("submit", (suceso) => suceso.preventDefault());
formulario.addEventListener("input", cambiado);
formulario.codigo.addEventListener("input", sinSuscriptor);
alEnter(formulario.codigo, buscarSuscriptor);
formulario.tipo.addEventListener("change", buscarCausales);
guardar.addEventListener("click", () => guardarTramite(false));
guardarNuevo.addEventListener("click", () => guardarTramite(true));
impresion((vista) => `/tramite/${uno("#numero").textContent}/solicitud${vista}`, "popup,width=860,height=1000");
