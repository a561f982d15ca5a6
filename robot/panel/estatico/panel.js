// What every page of the panel does with the keyboard, its theme, its menu, and forms that must not act twice.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

  // ── theme ────────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-poner-tema]");
    if (!button) return;
    const chosen = button.dataset.ponerTema;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `serviweb_tema=${chosen}; path=/; max-age=31536000; SameSite=Strict${secure}`;
    document.documentElement.dataset.tema = chosen;
    for (const other of document.querySelectorAll("[data-poner-tema]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    document.dispatchEvent(new CustomEvent("tema"));
  });

  // ── menu on a phone ──────────────────────────────────────────────────────────────────────────
  const opener = one("#abrir-menu");
  const closeMenu = () => {
    document.body.classList.remove("menu-abierto");
    opener?.setAttribute("aria-expanded", "false");
  };
  opener?.addEventListener("click", () => {
    const open = document.body.classList.toggle("menu-abierto");
    opener.setAttribute("aria-expanded", String(open));
    if (open) one("#menu a")?.focus();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#menu, #abrir-menu")) closeMenu();
    for (const open of document.querySelectorAll("details.yo[open]")) {
      if (!open.contains(event.target)) open.removeAttribute("open");
    }
    const trigger = event.target.closest("[data-abre]");
    if (trigger) one(trigger.dataset.abre)?.showModal();
    const copy = event.target.closest("[data-copia]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copia).then(() => (copy.textContent = "Copiado"));
  });

  // ── keyboard ─────────────────────────────────────────────────────────────────────────────────
  let prefix = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      closeMenu();
      for (const open of document.querySelectorAll("details.yo[open]")) open.removeAttribute("open");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one("dialog[open]")) return;
    if (event.key === "/") {
      const search = one("#buscar");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    } else if (event.key === "?") {
      one("#atajos")?.showModal();
    } else if (event.key === "g") {
      prefix = Date.now();
    } else if (Date.now() - prefix < 1500) {
      prefix = 0;
      one(`#menu a[data-tecla="${CSS.escape(event.key)}"]`)?.click();
    } else {
      const key = one(`[data-atajo="${CSS.escape(event.key)}"]`);
      if (key) {
        event.preventDefault();
        key.click();
      }
    }
  });

  // ── a form is sent once ──────────────────────────────────────────────────────────────────────
  // The server sees to it too (the form's mark); here the second click finds the button asleep.
  const busy = (form, on) => {
    form.classList.toggle("enviando", on);
    for (const button of form.querySelectorAll("button:not([type=button])")) {
      button.setAttribute("aria-disabled", String(on));
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.hasAttribute("data-libre") || event.defaultPrevented) return;
    const asks = event.submitter?.dataset.confirma ?? form.dataset.confirma;
    if (form.classList.contains("enviando")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (asks && !window.confirm(asks)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (form.method === "post") {
      busy(form, true);
    }
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) busy(form, false);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form.enviando")) busy(form, false);
  });
  document.addEventListener("htmx:sendError", () => {
    one("#mensajes").textContent = "El panel no responde. Compruebe la red y repita.";
  });
})();
