// Factura: late look-ups, lines that live on the server, and Guardar only when the form is complete.
import { consultar, enviar } from "../api.js";
import { cartel, tostada } from "../avisos.js";
import { lista } from "../lista.js";
import { h, icono } from "../nucleo.js";
import { impresion } from "../papel.js";
import { tabla } from "../tabla.js";
import { acciones, alEnter, boton, campo, dato, ficha, tarjeta } from "./formulario.js";
import { terceros } from "./tercero.js";

export async function factura() {
  const datos = await consultar("/facturas/nueva");
  if (!datos.ok) return datos;
  return { titulo: "Factura", camino: "SUSCRIPTOR › FACTURA", contenido: pantalla(datos) };
}

// The toolbar of small screens: the same controls once more, not shown here.
const barraDelTelefono = () =>
  h(
    "div",
    { class: "solo-telefono" },
    h("input", { placeholder: "Código del suscriptor" }),
    h("input", { role: "combobox", "aria-label": "Producto" }),
    boton("Agregar"),
    boton("Guardar"),
  );

function pantalla(datos) {
  const estado = { codigo: "", borrador: datos.borrador, lineas: 0, numero: "", guardada: false };
  const error = cartel();
  const numero = ficha("Factura", datos.ultima, { role: "status", "data-testid": "ficha-factura" });
  const papel = impresion({ documento: () => `/facturas/${estado.numero}/solicitud.pdf`, decir: error.decir });

  const forma = lista({ nombre: "Forma de pago", alCambiar: cambiado });
  const codigo = h("input", { class: "entrada", placeholder: "Código del suscriptor", inputmode: "numeric", maxlength: "12" });
  const suscriptor = h("div", { class: "datos" });
  const tercero = terceros({ tipos: datos.tipos_documento, decir: error.decir, alCambiar: cambiado });
  const producto = lista({ nombre: "Producto", acentos: true, placeholder: "Busque un producto" });
  const tablaDeLineas = h("div");
  const observacion = h("textarea", { class: "entrada", rows: "2", maxlength: "180", oninput: cambiado });
  const guardar = boton("Guardar", { class: "boton principal", onclick: () => guardarFactura(false) });
  const guardarNuevo = boton("Guardar y nuevo", { onclick: () => guardarFactura(true) });
  forma.llenar(datos.formas_pago);
  producto.llenar(datos.productos.map(({ texto }) => texto));

  function revisar() {
    const completa = forma.valor && estado.codigo && tercero.nombre && estado.lineas && observacion.value.trim();
    guardar.disabled = guardarNuevo.disabled = !completa || estado.guardada;
  }

  function cambiado() {
    estado.guardada = false;
    revisar();
  }

  function mostrarLineas({ borrador, lineas, total }) {
    estado.borrador = borrador;
    estado.lineas = lineas.length;
    const quitar = (linea) => {
      const hacer = () => cambiarLineas("/quitar", { linea });
      return h("button", { type: "button", title: "Quitar", class: "boton-icono", onclick: hacer }, icono("quitar", 18));
    };
    tablaDeLineas.replaceChildren(
      lineas.length
        ? tabla({
            nombre: "Productos de la factura",
            columnas: ["Producto", "Cantidad", "Valor", ""],
            anchos: "1fr 90px 120px 56px",
            filas: lineas.map((l, i) => [l.producto, String(l.cantidad), l.valor, quitar(i)]),
          })
        : h("p", { class: "nada" }, "Sin productos"),
      h("div", { class: "total" }, h("span", {}, "Total"), h("output", { "aria-label": "Total" }, total)),
    );
  }

  function sinSuscriptor() {
    estado.codigo = "";
    suscriptor.replaceChildren();
    revisar();
  }

  async function buscarSuscriptor() {
    sinSuscriptor();
    error.decir();
    const hallado = await consultar("/facturas/suscriptor", { codigo: codigo.value });
    if (!hallado.ok) return error.decir(hallado.error);
    const { nombre, ruta, estado: situacion } = hallado.suscriptor;
    estado.codigo = codigo.value = hallado.suscriptor.codigo;
    suscriptor.replaceChildren(
      dato("Suscriptor", nombre, { "data-testid": "suscriptor" }),
      dato("Ruta", ruta, { role: "status", "aria-label": "Ruta" }),
      dato("Estado", situacion, { class: "pastilla" }),
    );
    tercero.mostrar();
    mostrarLineas(hallado);
    cambiado();
  }

  async function cambiarLineas(que, valores) {
    error.decir();
    const { borrador } = estado;
    const respuesta = await enviar(`/facturas/lineas${que}`, { borrador, codigo: estado.codigo, ...valores });
    if (!respuesta.ok) return error.decir(respuesta.error);
    mostrarLineas(respuesta);
    cambiado();
  }

  function agregar() {
    const elegido = datos.productos.find(({ texto }) => texto === producto.valor);
    cambiarLineas("", { producto: elegido?.codigo ?? "" });
  }

  function limpiarFormulario() {
    forma.poner("");
    codigo.value = observacion.value = "";
    sinSuscriptor();
    tercero.limpiar();
  }

  async function guardarFactura(nuevo) {
    error.decir();
    guardar.disabled = guardarNuevo.disabled = true;
    const respuesta = await enviar("/facturas", {
      borrador: estado.borrador,
      forma_pago: forma.valor,
      codigo: estado.codigo,
      ...tercero.documento,
      observacion: observacion.value,
      nuevo,
    });
    if (!respuesta.ok) {
      revisar();
      return error.decir(respuesta.error);
    }
    estado.numero = respuesta.numero;
    estado.guardada = true;
    numero.poner(respuesta.numero);
    papel.permitir(!nuevo);
    tostada("Factura guardada.");
    if (!nuevo) return revisar();
    limpiarFormulario();
    mostrarLineas(respuesta);
  }

  alEnter(codigo, buscarSuscriptor);
  codigo.addEventListener("input", sinSuscriptor);
  mostrarLineas(datos);
  revisar();
  return [
    error.lugar,
    barraDelTelefono(),
    h(
      "div",
      { class: "columnas" },
      h(
        "div",
        { class: "pila" },
        tarjeta("Suscriptor", {}, h("div", { class: "rejilla" }, campo("Forma de pago", forma.campo), campo("Código", codigo)), suscriptor),
        tercero.nodo,
      ),
      h(
        "div",
        { class: "pila" },
        tarjeta(
          "Productos",
          {},
          h(
            "div",
            { class: "fila" },
            campo("Producto", producto.campo),
            boton("Agregar", { class: "boton tono", onclick: agregar }),
            boton("Limpiar", { class: "boton llano", onclick: () => cambiarLineas("/limpiar", {}) }),
          ),
          tablaDeLineas,
        ),
        tarjeta("", {}, campo("Observación", observacion, { atado: true })),
      ),
    ),
    h("div", { class: "pie" }, numero.nodo, papel.nodo, acciones(guardarNuevo, guardar)),
  ];
}
