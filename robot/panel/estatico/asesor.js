// The advisor's pages: a form that is checked while it is typed, and a case that is watched live.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);

  // ── the request's form ───────────────────────────────────────────────────────────────────────
  const form = one("#solicitud");
  if (form) {
    const touched = new Set();
    const name_of = (field) => field?.name ?? "";
    const known = (field) => field.form === form && name_of(field) && field.type !== "hidden";
    const fields = () => [...form.elements].filter((field) => known(field) && field.offsetParent !== null);

    const check = () => {
      form.elements.tocados.value = [...touched].join(",");
      one("#revisor").dispatchEvent(new CustomEvent("revisar"));
    };
    const touch = (field) => {
      if (!known(field)) return;
      touched.add(name_of(field));
      check();
    };
    if (form.hasAttribute("data-enviada")) for (const field of form.elements) if (known(field)) touched.add(field.name);

    form.addEventListener("focusout", (event) => {
      // A field that was only passed by, and left empty, is not one that somebody has been at.
      if (known(event.target) && (event.target.value || touched.has(name_of(event.target)))) touch(event.target);
    });
    form.addEventListener("change", (event) => touch(event.target));
    form.addEventListener("input", (event) => {
      if (touched.has(name_of(event.target))) check();
    });

    // Notes come from the server; the same words again are not written, so that nobody hears them twice.
    const shown = (note) => note?.textContent.trim() ?? "";
    document.addEventListener("htmx:oobBeforeSwap", (event) => {
      const note = event.detail.target;
      if (!note.id.endsWith("-nota") && note.id !== "resumen") return;
      const fresh = event.detail.fragment.textContent.trim();
      if (!fresh && !one(".error, .ojo", note)) event.detail.shouldSwap = false;
      else if (fresh && fresh === shown(note)) event.detail.shouldSwap = false;
    });
    const mark = (note) => {
      const wrong = Boolean(one(".error", note));
      if (!note.textContent.trim()) note.textContent = note.dataset.ayuda ?? "";
      for (const field of form.querySelectorAll(`[aria-describedby~="${note.id}"]`)) {
        if (wrong) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
      }
    };
    document.addEventListener("htmx:oobAfterSwap", (event) => {
      const note = event.detail.target;
      if (note.id.endsWith("-nota")) mark(note);
    });

    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        form.requestSubmit(one("button.principal", form));
        return;
      }
      if (event.target.matches("textarea, button, a")) return;
      event.preventDefault();
      const list = fields().filter((field) => field.type !== "radio" || field.checked || !radios(field).some((r) => r.checked));
      const groups = [];
      for (const field of list) if (!groups.some((other) => other.name === field.name)) groups.push(field);
      const place = groups.findIndex((field) => field.name === event.target.name);
      (groups[place + 1] ?? one("button.principal", form)).focus();
    });
    const radios = (field) => [...form.querySelectorAll(`input[type=radio][name="${field.name}"]`)];

    form.addEventListener("click", (event) => {
      const filler = event.target.closest("[data-llena]");
      if (!filler) return;
      for (const [name, value] of Object.entries(JSON.parse(filler.dataset.llena))) {
        if (!value) continue;
        form.elements[name].value = value;
        touched.add(name);
      }
      check();
      form.elements.tipo_documento.focus();
    });
    const summary = one("#resumen a");
    if (summary) {
      const first = one(summary.getAttribute("href"));
      (first?.matches("fieldset") ? one("input", first) : first)?.focus();
    }
  }

  // ── a case, live ─────────────────────────────────────────────────────────────────────────────
  // A stream that is opened again tells the server what it has shown already.
  document.addEventListener("htmx:sseMessage", (event) => {
    const live = event.target.closest("[sse-connect]");
    const last = event.detail?.lastEventId;
    if (live && last) live.setAttribute("sse-connect", `${live.dataset.corriente}?desde=${last}`);
  });
  document.addEventListener("htmx:sseOpen", () => document.body.classList.remove("sin-corriente"));
  document.addEventListener("htmx:sseError", () => document.body.classList.add("sin-corriente"));

  // Pictures are painted on demand: two at a time and the newest first, so that nothing else waits behind them.
  const MOST = 2;
  const AGAIN = 1500;
  const list = one("#pasos");
  let loading = 0;
  const near = (picture) => {
    const box = picture.closest(".captura").getBoundingClientRect();
    return box.bottom > -200 && box.top < window.innerHeight + 600;
  };
  const ended = (picture, good) => {
    loading -= 1;
    picture.closest(".captura")?.classList.add(good ? "con-imagen" : "sin-imagen");
    paint();
  };
  const DRAWN = 320; // the width of the drawing that stands for a picture that isn't there (yet)
  const ask = (picture, tries) => {
    const again = (good) => {
      if (tries > 0 && picture.isConnected) window.setTimeout(() => ask(picture, tries - 1), AGAIN);
      else ended(picture, good);
    };
    picture.onload = () => (picture.naturalWidth > DRAWN ? ended(picture, true) : again(true));
    picture.onerror = () => again(false);
    picture.src = picture.dataset.de + (tries < 2 ? `?otra=${tries}` : "");
  };
  const paint = () => {
    if (document.readyState !== "complete") return; // the page itself waits for no picture
    for (const picture of list?.querySelectorAll("img[data-imagen]") ?? []) {
      if (loading >= MOST) return;
      if (!near(picture)) continue;
      loading += 1;
      picture.dataset.de = picture.dataset.imagen;
      picture.removeAttribute("data-imagen");
      ask(picture, 2);
    }
  };
  if (list) {
    new MutationObserver(paint).observe(list, { childList: true });
    window.addEventListener("scroll", paint, { passive: true });
    window.addEventListener("resize", paint);
    window.addEventListener("load", paint);
    paint();
  }

  const viewer = one("#ampliada");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.captura");
    if (!link || !viewer || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    one("img", viewer).src = link.href;
    one("img", viewer).alt = one("img", link).alt;
    one("h2", viewer).textContent = one("img", link).alt;
    viewer.showModal();
  });
})();
