// The film of a case: rrweb's player, and a chapter per documented step that seeks and shows where the film is.
(() => {
  "use strict";
  const box = document.getElementById("cine");
  const stage = document.getElementById("pantalla");
  const list = document.getElementById("capitulos");
  const note = document.getElementById("cine-aviso");
  let player = null, chapters = [], buttons = [], current = -1, playing = false, stopAt = Infinity;

  const say = (text) => {
    note.textContent = text;
    note.hidden = !text;
  };
  const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

  // Long style sheets stand once each, by their hash.
  const filled = (value, sheets) => {
    if (typeof value === "string") return value.startsWith("hoja-sha256:") ? sheets[value.slice(12)] ?? "" : value;
    if (Array.isArray(value)) return value.map((item) => filled(item, sheets));
    if (value && typeof value === "object") for (const name of Object.keys(value)) value[name] = filled(value[name], sheets);
    return value;
  };

  const mark = (at) => {
    let found = 0;
    chapters.forEach((chapter, i) => { if (chapter.desde < Math.floor(at)) found = i; });
    if (found === current) return;
    current = found;
    buttons.forEach((button, i) => {
      if (i === found) {
        button.setAttribute("aria-current", "step");
        const top = button.offsetTop - list.offsetTop;
        if (top < list.scrollTop || top + button.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - 40;
      } else button.removeAttribute("aria-current");
    });
  };
  // Shown, a chapter is as it ended, its last event included; played, it runs from its beginning and stops there.
  const seek = (index, play) => {
    const chapter = chapters[index];
    if (!chapter || !player) return;
    const end = Math.max(chapter.desde + 1, chapter.hasta + 0.5);
    player.goto(play ? chapter.desde + 1 : end, play);
    stopAt = play ? end : Infinity;
    current = -1;
    mark(chapter.desde + 1);
  };

  const addChapters = () => {
    buttons = chapters.map((chapter, index) => {
      const item = document.createElement("li"), button = document.createElement("button");
      const number = document.createElement("b"), title = document.createElement("span"), at = document.createElement("time");
      button.type = "button";
      number.textContent = chapter.numero === "consulta" ? "·" : chapter.numero;
      title.textContent = chapter.vez > 1 && chapter.numero !== "consulta" ? `${chapter.titulo} (vez ${chapter.vez})` : chapter.titulo;
      at.textContent = clock(chapter.desde);
      button.append(number, title, at);
      button.addEventListener("click", () => seek(index, true));
      item.append(button);
      list.append(item);
      return button;
    });
  };

  const start = (film) => {
    const events = filled(film.eventos, film.hojas);
    const shown = events.find((event) => event.type === 4).data;
    const width = stage.clientWidth;
    say("");
    player = new window.rrwebPlayer.Player({ target: stage, props: {
      events, width, height: Math.round(width * shown.height / shown.width), autoPlay: false, skipInactive: true,
      speedOption: [1, 0.5, 0.25, 2, 4], mouseTail: false, showWarning: false,
    } });
    for (const label of stage.querySelectorAll(".label")) if (/skip inactive/i.test(label.textContent)) label.textContent = "saltar esperas";
    const keys = [...stage.querySelectorAll(".rr-controller__btns button")];
    keys[0]?.setAttribute("aria-label", "Ver o pausar");
    keys.at(-1)?.setAttribute("aria-label", "Pantalla completa");
    for (const input of stage.querySelectorAll(".switch input")) input.setAttribute("aria-label", "Saltar esperas");
    for (const frame of stage.querySelectorAll("iframe")) frame.title = "Pantalla de Serviweb, repetida";
    player.addEventListener("ui-update-current-time", (event) => {
      if (event.payload < stopAt) return mark(event.payload);
      const end = stopAt;
      stopAt = Infinity;
      player.goto(end, false);
      mark(end);
    });
    player.addEventListener("ui-update-player-state", (event) => {
      playing = event.payload === "playing";
      if (!playing) stopAt = Infinity;
    });
    chapters = film.capitulos;
    addChapters();
    box.dataset.lista = "si";
    if (!fromAddress()) seek(0, false);
  };

  // «#paso=14&vez=1» in the address is where the film begins.
  const fromAddress = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    const index = chapters.findIndex((one) => one.numero === asked.get("paso") && String(one.vez) === (asked.get("vez") ?? "1"));
    if (index < 0) return false;
    seek(index, false);
    return true;
  };
  addEventListener("hashchange", fromAddress);
  document.addEventListener("keydown", (event) => {
    if (!player || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea, dialog[open]")) return;
    if (event.key === " " && !event.target.closest("button, a, summary")) player.toggle();
    else if (event.key === "ArrowRight") seek(Math.min(current + 1, chapters.length - 1), true);
    else if (event.key === "ArrowLeft") seek(Math.max(current - 1, 0), true);
    else return;
    event.preventDefault();
  });

  fetch(box.dataset.pelicula, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then((film) => {
      if (!film.eventos.length) {
        say(film.faltas.length ? `No hay película: ${film.faltas.join("; ")}.` : "Este caso no tiene película en este equipo.");
        return;
      }
      if (!window.rrwebPlayer) say("A esta instalación le falta el visor de la película.");
      else start(film);
    })
    .catch(() => say("No se pudo cargar la película. Cargue la página de nuevo."));
})();
