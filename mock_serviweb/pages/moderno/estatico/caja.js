// Caja: find a recibo, register its payment.
"use strict";

const formulario = uno("#caja");
const pagar = uno("#pagar");
let numero = "";

async function buscar(suceso) {
  suceso?.preventDefault();
  mensajes({});
  pagar.disabled = true;
  const datos = await buscarEn("/caja/recibo", { numero: formulario.numero.value });
  const vacio = { codigo: "", nombre: "", facturas: "", valor: "", estado: "" };
  const { codigo, nombre, facturas, valor, estado } = datos.ok ? datos : vacio;
  uno("#codigo").textContent = codigo;
  uno("#suscriptor").textContent = nombre;
  uno("#factura").textContent = facturas;
  uno("#valor").textContent = valor;
  uno("#estado").textContent = estado;
  uno("#pago").textContent = "";
  if (!datos.ok) return mensajes({ error: datos.error });
  numero = datos.numero;
  pagar.disabled = estado === "Pagado";
}

pagar.addEventListener("click", async () => {
  pagar.disabled = true;
  mensajes({});
  const datos = await pedir("/caja/pagar", { numero });
  if (!datos.ok) return mensajes({ error: datos.error });
  uno("#estado").textContent = "Pagado";
  uno("#pago").textContent = datos.numero;
  mensajes({ exito: datos.mensaje });
});
formulario.addEventListener("submit", buscar);
