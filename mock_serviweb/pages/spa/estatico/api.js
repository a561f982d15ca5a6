// Asking the server: JSON out, JSON in, and one sentence when it goes wrong.
import { avisar } from "./avisos.js";
import { conVelo } from "./velo.js";

export const SIN_SERVIDOR = "Error de comunicación con el servidor. Consulte antes de repetir.";

const nunca = () => new Promise(() => {}); // the view is going away

function sesionPerdida(motivo) {
  window.dispatchEvent(new CustomEvent("sesion-perdida", { detail: motivo }));
  return nunca();
}

async function respondido(respuesta) {
  const { datos, error, aviso } = await respuesta.json();
  if (respuesta.status === 401) return sesionPerdida(error.motivo);
  if (respuesta.status >= 500) return { ok: false, error: SIN_SERVIDOR };
  if (aviso) avisar(aviso);
  return error ? { ok: false, error: error.mensaje } : { ok: true, ...datos };
}

// → { ok: true, …datos } or { ok: false, error }; with a `cuerpo` it is a POST.
async function pedir(direccion, cuerpo) {
  const opciones = cuerpo
    ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(cuerpo) }
    : {};
  return responder(direccion, opciones, respondido);
}

async function responder(direccion, opciones, leer) {
  let termina;
  const listo = new Promise((resuelve) => (termina = resuelve));
  conVelo(() => listo);
  try {
    const respuesta = await fetch(`/api/v1${direccion}`, opciones);
    termina();
    return await leer(respuesta);
  } catch {
    return { ok: false, error: SIN_SERVIDOR };
  } finally {
    termina();
  }
}

export const consultar = (direccion, valores = {}) => {
  const parametros = new URLSearchParams(valores).toString();
  return pedir(parametros ? `${direccion}?${parametros}` : direccion);
};

export const enviar = (direccion, cuerpo = {}) => pedir(direccion, cuerpo);

// A PDF as a Blob: { ok: true, papel } or { ok: false, error }.
export const traerPapel = (direccion) =>
  responder(direccion, {}, async (respuesta) => {
    if (!respuesta.ok) return respondido(respuesta);
    const aviso = respuesta.headers.get("X-Serviweb-Aviso");
    if (aviso) avisar(JSON.parse(decodeURIComponent(aviso)));
    return { ok: true, papel: new Blob([await respuesta.arrayBuffer()], { type: "application/pdf" }) };
  });
