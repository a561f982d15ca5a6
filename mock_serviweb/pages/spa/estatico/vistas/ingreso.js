// Ingreso: the login.
import { enviar } from "../api.js";
import { cartel } from "../avisos.js";
import { h, icono } from "../nucleo.js";

const MOTIVOS = {
  expirada: "Su sesión ha expirado. Ingrese de nuevo.",
  "otro-equipo": "Su usuario ingresó desde otro equipo.",
};

export function ingreso({ motivo, alEntrar }) {
  const error = cartel();
  const usuario = h("input", { class: "entrada", placeholder: "Usuario", autocomplete: "username" });
  const clave = h("input", { class: "entrada", placeholder: "Contraseña", type: "password", autocomplete: "current-password" });

  async function entrar(suceso) {
    suceso.preventDefault();
    error.decir();
    const quien = await enviar("/sesion", { usuario: usuario.value, clave: clave.value });
    if (!quien.ok) return error.decir(quien.error);
    alEntrar(quien);
  }

  error.decir(MOTIVOS[motivo]);
  return h(
    "div",
    { class: "portada" },
    h(
      "form",
      { class: "tarjeta ingreso", onsubmit: entrar, novalidate: true },
      h("div", { class: "emblema" }, icono("gota", 34)),
      h("h1", {}, "Ingreso a Serviweb"),
      h("p", { class: "suave" }, "Acueducto del Piedemonte S.A. E.S.P."),
      error.lugar,
      usuario,
      clave,
      h("button", { class: "boton principal", type: "submit" }, "Ingresar"),
      h("p", { class: "suave menuda" }, "Datos inventados para pruebas"),
    ),
  );
}
