// The application: who is in, which view the address names, and what happens when the session is lost.
import { consultar } from "./api.js";
import { cerrarCuadros } from "./cuadro.js";
import { cerrarLista } from "./lista.js";
import { marco } from "./marco.js";
import { h, vestir } from "./nucleo.js";
import { cerrarPapel } from "./papel.js";
import { alCambiar, ir } from "./rutas.js";
import { abono } from "./vistas/abono.js";
import { caja } from "./vistas/caja.js";
import { consulta } from "./vistas/consulta.js";
import { factura } from "./vistas/factura.js";
import { ingreso } from "./vistas/ingreso.js";
import { inicio, modulo } from "./vistas/inicio.js";
import { tramite } from "./vistas/tramite.js";

// Each view asks for its data first: → { titulo, contenido }, or { titulo: "", error }.
const VISTAS = { inicio, factura, abono, tramite, caja, consulta, modulo };

let sesion = null;
let vez = 0;
const raiz = h("div");
const lugar = h("div", { class: "contenido" });

async function alEntrar(quien) {
  sesion = quien;
  raiz.replaceChildren(marco(sesion, lugar));
  ir("/inicio", { reemplazar: true });
}

function mostrarIngreso() {
  sesion = null;
  const motivo = new URLSearchParams(location.search).get("motivo");
  document.title = "Ingreso — Serviweb";
  raiz.replaceChildren(ingreso({ motivo, alEntrar }));
}

async function mostrarVista() {
  vez += 1;
  const esta = vez;
  cerrarCuadros();
  cerrarLista();
  cerrarPapel();
  const [, nombre, resto] = location.pathname.split("/");
  if (nombre === "ingreso") return mostrarIngreso();
  if (!sesion) return ir("/ingreso", { reemplazar: true });
  if (nombre === "") return ir("/inicio", { reemplazar: true });
  lugar.replaceChildren();
  const { titulo, camino = "", contenido, error } = await VISTAS[nombre](resto);
  if (esta !== vez) return;
  document.title = `${titulo || "Serviweb"} — Serviweb`;
  lugar.replaceChildren(
    ...(titulo ? [h("div", { class: "titulo" }, h("h1", {}, titulo), h("span", {}, camino))] : []),
    ...(error ? [h("div", { role: "alert", class: "cartel" }, error)] : []),
    ...(contenido ? [contenido].flat() : []),
  );
}

window.addEventListener("sesion-perdida", ({ detail }) => {
  sesion = null;
  ir(`/ingreso?motivo=${detail}`);
});

await vestir();
document.body.append(raiz);
const quien = await consultar("/sesion");
if (quien.ok && quien.usuario) {
  sesion = quien;
  raiz.replaceChildren(marco(sesion, lugar));
}
alCambiar(mostrarVista);
mostrarVista();
