// What every screen shares: menus, boxes, messages, and the way to ask the server.
"use strict";

const SIN_SERVIDOR = "Error de comunicación con el servidor. Consulte antes de repetir.";

const uno = (selector) => document.querySelector(selector);

function mostrar(elemento, texto) {
  elemento.textContent = texto || "";
  elemento.hidden = !texto;
}

function mensajes({ error = "", exito = "" }) {
  mostrar(uno("#error"), error);
  mostrar(uno("#exito"), exito);
}

// A box that nobody asked for. The native one blocks the page, as native ones do.
function avisar(aviso) {
  if (aviso.nativo) {
    window.alert(aviso.texto);
    return;
  }
  const velo = document.createElement("div");
  velo.className = "velo";
  velo.innerHTML =
    '<div role="dialog" aria-modal="true" aria-label="Aviso" class="caja"><p></p>' +
    '<div class="acciones"><button type="button" class="principal">Aceptar</button></div></div>';
  velo.querySelector("p").textContent = aviso.texto;
  velo.querySelector("button").addEventListener("click", () => velo.remove());
  document.body.append(velo);
}

// Ask the server; what it refuses and what went wrong on the way come back as { ok: false, error }.
async function pedir(direccion, campos) {
  const opciones = campos ? { method: "POST", body: new URLSearchParams(campos) } : {};
  let datos;
  try {
    const respuesta = await fetch(direccion, opciones);
    if (respuesta.status === 401) {
      const { motivo } = await respuesta.json();
      window.location.assign(`/ingreso?motivo=${motivo}`);
      return new Promise(() => {}); // the page is going away
    }
    if (!respuesta.ok) return { ok: false, error: SIN_SERVIDOR };
    datos = await respuesta.json();
  } catch {
    return { ok: false, error: SIN_SERVIDOR };
  }
  if (datos.aviso) avisar(datos.aviso);
  return datos;
}

function campos(formulario) {
  return Object.fromEntries(new FormData(formulario));
}

function buscarEn(direccion, valores) {
  return pedir(`${direccion}?${new URLSearchParams(valores)}`);
}

function alEnter(campo, hacer) {
  campo.addEventListener("keydown", (suceso) => {
    if (suceso.key !== "Enter") return;
    suceso.preventDefault();
    hacer();
  });
}

function abrir(caja) {
  caja.hidden = false;
  caja.querySelector("select, input, button").focus();
}

function llenar(lista, textos) {
  lista.replaceChildren(new Option("Seleccione…", ""), ...textos.map((texto) => new Option(texto)));
}

function fila(celdas) {
  const tr = document.createElement("tr");
  for (const celda of celdas) {
    const td = document.createElement("td");
    td.append(celda);
    tr.append(td);
  }
  return tr;
}

// Menus open on a click and close on the next one elsewhere.
function cerrarMenus(menos) {
  for (const boton of document.querySelectorAll('[aria-haspopup="menu"]')) {
    if (boton === menos) continue;
    boton.setAttribute("aria-expanded", "false");
    document.getElementById(boton.getAttribute("aria-controls")).hidden = true;
  }
}

document.addEventListener("click", (suceso) => {
  const boton = suceso.target.closest('[aria-haspopup="menu"]');
  cerrarMenus(boton);
  if (!boton || boton.disabled) return;
  const abierto = boton.getAttribute("aria-expanded") === "true";
  boton.setAttribute("aria-expanded", String(!abierto));
  document.getElementById(boton.getAttribute("aria-controls")).hidden = abierto;
});

document.addEventListener("keydown", (suceso) => {
  if (suceso.key === "Escape") cerrarMenus();
});

// The printer symbol: `documento(vista)` says where the paper is, `ventana` how its window opens.
function impresion(documento, ventana) {
  for (const opcion of document.querySelectorAll("[data-imprimir]")) {
    opcion.addEventListener("click", () => {
      if (opcion.dataset.imprimir === "correo") {
        mensajes({ error: "El envío por correo no está configurado." });
        return;
      }
      window.open(documento(opcion.dataset.imprimir === "previa" ? "?vista=previa" : ""), "_blank", ventana);
    });
  }
}

// Nothing can be clicked before its script is there: deferred scripts have run when this event comes.
document.addEventListener("DOMContentLoaded", () => document.body.classList.remove("cargando"));

if (document.body.dataset.aviso) {
  window.addEventListener("load", () => setTimeout(() => avisar(JSON.parse(document.body.dataset.aviso)), 0));
}
