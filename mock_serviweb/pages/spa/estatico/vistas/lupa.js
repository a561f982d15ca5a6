// The magnifier's box: a subscriber searched in four ways, five results a page.
import { consultar } from "../api.js";
import { cartel } from "../avisos.js";
import { abrirCuadro } from "../cuadro.js";
import { lista } from "../lista.js";
import { h } from "../nucleo.js";
import { tabla } from "../tabla.js";
import { acciones, boton, campo } from "./formulario.js";

export function buscarSuscriptor(tipos, alEscoger) {
  const error = cartel();
  const tipo = lista({ nombre: "Tipo de búsqueda" });
  tipo.llenar(tipos, tipos[0]);
  const texto = h("input", { class: "entrada", "aria-label": "Texto a buscar" });
  const resultados = h("div", { class: "resultados" });

  async function buscar(pagina) {
    error.decir();
    resultados.replaceChildren();
    const respuesta = await consultar("/abonos/suscriptores", { tipo: tipo.valor, texto: texto.value, pagina });
    if (!respuesta.ok) return error.decir(respuesta.error);
    mostrar(respuesta);
  }

  function mostrar({ suscriptores, pagina, paginas, cuantos }) {
    const escoger = (suscriptor) => {
      cuadro.cerrar();
      alEscoger(suscriptor);
    };
    const nombre = (s) => h("button", { type: "button", class: "enlace", onclick: () => escoger(s) }, s.nombre);
    resultados.replaceChildren(
      tabla({
        nombre: "Suscriptores encontrados",
        columnas: ["Código", "Nombre", "Ruta", "Documento"],
        anchos: "100px 1fr 90px 160px",
        filas: suscriptores.map((s) => [s.codigo, nombre(s), s.ruta, `${s.tipo_documento} ${s.documento}`]),
      }),
      h(
        "div",
        { class: "paginas" },
        h("span", { role: "status" }, `Página ${pagina} de ${paginas} · ${cuantos} resultados`),
        pagina > 1 && boton("Anterior", { class: "boton llano", onclick: () => buscar(pagina - 1) }),
        pagina < paginas && boton("Siguiente", { class: "boton llano", onclick: () => buscar(pagina + 1) }),
      ),
    );
  }

  const cuadro = abrirCuadro(
    { titulo: "Buscar suscriptor", ancho: true },
    error.lugar,
    h(
      "form",
      {
        class: "fila",
        novalidate: true,
        onsubmit(suceso) {
          suceso.preventDefault();
          buscar(1);
        },
      },
      campo("Tipo de búsqueda", tipo.campo),
      campo("Texto", texto),
      h("button", { type: "submit", class: "boton principal" }, "BUSCAR SUSCRIPTORES"),
    ),
    resultados,
    acciones(boton("Cerrar", { class: "boton llano", onclick: () => cuadro.cerrar() })),
  );
}
