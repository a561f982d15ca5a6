// What all pages share: post-backs, menus that open under the pointer, windows, and the way out of frames.

function campo(nombre) { return document.getElementById(controles[nombre]); }

function vaciar(nombre) { campo(nombre).innerHTML = ""; }

function __doPostBack(eventTarget, eventArgument) {
  var theForm = document.forms["aspnetForm"];
  theForm.__EVENTTARGET.value = eventTarget;
  theForm.__EVENTARGUMENT.value = eventArgument;
  theForm.submit();
}

function postBack(nombre, argumento) { __doPostBack(controles[nombre].replace(/_/g, "$"), argumento); }

// Enter looks something up where it is meant to, and does nothing anywhere else.
function alEnter(suceso, nombre) {
  if (suceso.keyCode != 13) return true;
  suceso.cancelBubble = true;
  postBack(nombre, "");
  return false;
}

function sinEnter(suceso) { return suceso.keyCode != 13 || suceso.target.tagName == "TEXTAREA"; }

function abrirVentana(direccion, nombre, ancho, alto) {
  window.open(direccion, nombre, "width=" + ancho + ",height=" + alto + ",left=180,top=120,resizable=yes,scrollbars=yes,status=yes");
}

// A login page belongs to the whole window: it breaks out of frames, and a look-up window gives it to whom opened it.
function salirDeMarcos() {
  if (top !== self) top.location.href = self.location.href;
  else if (window.opener && !window.opener.closed && (window.name == "buscar" || window.name == "tercero")) {
    window.opener.top.location.href = self.location.href;
    window.close();
  }
}

var cierre = null, espera = null;
function cerrarMenus() {
  var celdas = document.getElementsByTagName("table");
  for (var i = 0; i < celdas.length; i++) if (celdas[i].className.indexOf("opciones") == 0) celdas[i].style.display = "none";
}
// Without its frame, an option would open a window of its own: a menu waits until the frame is there.
function hayMarcos() {
  try { return Boolean(window.frames["marco"].frames["trabajo"]); } catch (e) { return false; }
}
function abrirMenu(celda) {
  var opciones = celda.getElementsByTagName("table")[0];
  clearTimeout(cierre);
  clearTimeout(espera);
  if (opciones.style.display != "none" || celda.escogido) return;
  if (!hayMarcos()) {
    espera = setTimeout(function () { abrirMenu(celda); }, 50);
    return;
  }
  cerrarMenus();
  opciones.style.display = "";
  opciones.onclick = function () { celda.escogido = true; cerrarMenus(); };
}
function dejarMenu(celda) {
  celda.escogido = false;
  clearTimeout(cierre);
  clearTimeout(espera);
  cierre = setTimeout(cerrarMenus, 300);
}

function abrirImpresion(suceso) {
  suceso.cancelBubble = true;
  var enlace = suceso.currentTarget;
  enlace.parentNode.getElementsByTagName("table")[0].style.display = "";
}
function imprimir(direccion) { cerrarMenus(); abrirVentana(direccion, "impresion", 860, 640); }
function sinCorreo() { cerrarMenus(); alert("El envío por correo no está configurado."); }
function ayuda() { alert("Serviweb 2.3.117\nComuníquese con la mesa de ayuda, extensión 118."); }
document.onclick = function () { cerrarMenus(); };

function cerrarAviso(boton) {
  var velo = boton;
  while (velo.className != "velo") velo = velo.parentNode;
  velo.parentNode.removeChild(velo);
}
