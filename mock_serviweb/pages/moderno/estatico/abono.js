// Abono: the lupa's box, the pending facturas, GENERAR and its confirmation.
"use strict";

const generar = uno("#generar");
const cuerpo = uno("#pendientes tbody");
const estado = { codigo: "", facturas: [], total: "" };

async function buscar(suceso) {
  suceso.preventDefault();
  mostrar(uno("#error-buscar"), "");
  const encontrados = uno("#encontrados");
  encontrados.hidden = true;
  const datos = await buscarEn("/abono/buscar", campos(uno("#form-buscar")));
  if (!datos.ok) return mostrar(uno("#error-buscar"), datos.error);
  encontrados.tBodies[0].replaceChildren(
    ...datos.suscriptores.map((s) => {
      const boton = document.createElement("button");
      boton.type = "button";
      boton.className = "enlace";
      boton.textContent = s.nombre;
      boton.addEventListener("click", () => escoger(s));
      return fila([s.codigo, boton, s.ruta, `${s.tipo_documento} ${s.documento}`]);
    }),
  );
  encontrados.hidden = false;
}

async function escoger(suscriptor) {
  uno("#caja-buscar").hidden = true;
  uno("#codigo").textContent = estado.codigo = suscriptor.codigo;
  uno("#suscriptor").textContent = suscriptor.nombre;
  await mostrarPendientes();
}

async function mostrarPendientes() {
  mensajes({});
  cuerpo.replaceChildren();
  generar.disabled = true;
  uno("#total").textContent = "";
  uno("#sin-pendientes").hidden = true;
  const { codigo } = estado;
  const datos = await buscarEn("/abono/pendientes", { codigo });
  if (estado.codigo !== codigo) return;
  if (!datos.ok) return mensajes({ error: datos.error });
  estado.facturas = datos.facturas.map((f) => f.numero);
  estado.total = datos.total;
  cuerpo.replaceChildren(...datos.facturas.map((f) => fila([f.numero, f.fecha, f.concepto, f.saldo])));
  for (const tr of cuerpo.rows) tr.lastChild.className = "numero";
  uno("#sin-pendientes").hidden = datos.facturas.length > 0;
  uno("#total").textContent = datos.facturas.length ? datos.total : "";
  generar.disabled = datos.facturas.length === 0;
}

function preguntar() {
  const una = estado.facturas.length === 1;
  uno("#pregunta").textContent =
    `¿Desea generar el abono por ${estado.total} ${una ? "a la factura" : "a las facturas"} ` +
    `${estado.facturas.join(", ")} del suscriptor ${estado.codigo}?`;
  abrir(uno("#caja-confirmar"));
}

async function confirmar() {
  uno("#caja-confirmar").hidden = true;
  mensajes({});
  generar.disabled = true;
  const datos = await pedir("/abono/generar", { codigo: estado.codigo, facturas: estado.facturas.join(",") });
  if (!datos.ok) {
    generar.disabled = false;
    return mensajes({ error: datos.error });
  }
  uno("#numero").textContent = datos.numero;
  uno("#impresion").disabled = false;
  mensajes({ exito: datos.mensaje });
}

uno("#buscar-facturas").addEventListener("click", () => {
  uno("#form-buscar").reset();
  mostrar(uno("#error-buscar"), "");
  uno("#encontrados").hidden = true;
  abrir(uno("#caja-buscar"));
});
uno("#buscar-financiacion").addEventListener("click", () =>
  mensajes({ error: "El abono a financiación no está habilitado para su perfil." }),
);
uno("#form-buscar").addEventListener("submit", buscar);
uno("#cerrar-buscar").addEventListener("click", () => {
  uno("#caja-buscar").hidden = true;
});
generar.addEventListener("click", preguntar);
uno("#ok").addEventListener("click", confirmar);
uno("#cancelar").addEventListener("click", () => {
  uno("#caja-confirmar").hidden = true;
});
impresion((vista) => `/abono/${uno("#numero").textContent}/recibo.pdf${vista}`);
