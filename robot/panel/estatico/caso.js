// The page of a case: pictures open large, the film opens at a step, an entry of the journal is found.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);

  // ── a decision that was refused: the first field that is wrong ───────────────────────────────
  const summary = one("#resumen a");
  if (summary) one(summary.getAttribute("href"))?.focus();

  // ── pictures ─────────────────────────────────────────────────────────────────────────────────
  const viewer = one("#visor");
  let shown = 0;
  const pictures = () => [...document.querySelectorAll("a.miniatura")];
  const show = (index) => {
    const all = pictures();
    if (!all.length) return;
    shown = (index + all.length) % all.length;
    const image = one("#visor-imagen");
    image.src = all[shown].href;
    image.alt = all[shown].dataset.pie;
    one("#visor-pie").textContent = `${all[shown].dataset.pie} (${shown + 1} de ${all.length})`;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.miniatura");
    if (link && viewer && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      show(pictures().indexOf(link));
      if (!viewer.open) viewer.showModal();
    }
    const step = event.target.closest("[data-visor]");
    if (step) show(shown + Number(step.dataset.visor));
    if (event.target === viewer) viewer.close();
    const closer = event.target.closest("[data-cierra]");
    if (closer) one(closer.dataset.cierra)?.close();
  });
  viewer?.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    event.preventDefault();
    show(shown + (event.key === "ArrowRight" ? 1 : -1));
  });
  viewer?.addEventListener("close", () => pictures()[shown]?.focus());

  // ── the film: its frame comes when it is first wanted ────────────────────────────────────────
  const film = one("#pelicula");
  let frame = null;
  const open = (where) => {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.title = "Película del caso";
      frame.allow = "fullscreen";
      frame.src = film.dataset.src + where;
      film.append(frame);
    } else if (where) frame.contentWindow.location.hash = where;
  };
  film?.addEventListener("toggle", () => { if (film.open) open(""); });
  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-pelicula-paso]");
    if (!asked || !film) return;
    const where = `#${new URLSearchParams({ paso: asked.dataset.peliculaPaso, vez: asked.dataset.vez })}`;
    open(where);
    film.open = true;
    film.scrollIntoView({ block: "start" });
  });

  // ── an entry of the journal, which comes when it is first wanted ─────────────────────────────
  const diary = one("#pliegue-diario");
  let wanted = "";
  const reveal = () => {
    const entry = wanted && one(`#entrada-${CSS.escape(wanted)} details`);
    if (!entry) return;
    wanted = "";
    entry.open = true;
    entry.scrollIntoView({ block: "center" });
    one("summary", entry).focus();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-entrada]");
    if (!link || !diary) return;
    event.preventDefault();
    wanted = link.dataset.entrada;
    diary.open = true;
    reveal();
  });
  document.addEventListener("htmx:afterSettle", reveal);

  // ── «faltan 12:34»: a countdown that loads the page again when it is over ────────────────────
  // The server says how many seconds are left: this machine's clock may be wrong.
  const clocks = [...document.querySelectorAll("[data-faltan]")];
  const since = performance.now();
  const tick = () => {
    for (const clock of clocks) {
      const left = Math.max(0, Math.ceil(Number(clock.dataset.faltan) - (performance.now() - since) / 1000));
      clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (left > 0) continue;
      clearInterval(timer);
      location.reload();
    }
  };
  const timer = clocks.length ? setInterval(tick, 1000) : 0;
})();
