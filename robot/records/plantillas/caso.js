"use strict";
(() => {
  // Thumbnails open large; without this script they are plain links.
  const large = document.getElementById("grande");
  for (const link of document.querySelectorAll("a.imagen")) link.addEventListener("click", (event) => {
    event.preventDefault();
    const small = link.querySelector("img"), image = large.querySelector("img");
    image.src = small.src;
    image.alt = small.alt;
    large.querySelector("p").textContent = link.dataset.pie;
    large.showModal();
  });
  large.addEventListener("click", (event) => { if (event.target === large) large.close(); });

  const stage = document.getElementById("pantalla");
  if (!stage) return;
  const list = document.getElementById("capitulos"), note = document.getElementById("sin-cine");
  let player = null, chapters = [], buttons = [];
  const clock = (ms) => `${Math.floor(ms / 60000)}:${(ms / 1000 % 60).toFixed(1).padStart(4, "0").replace(".", ",")}`;

  // The recording comes as gzip in base64: a page from the file system can't fetch.
  const unpack = async () => {
    const bytes = Uint8Array.from(atob(window.PELICULA), (letter) => letter.charCodeAt(0));
    const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    const film = JSON.parse(text);
    const filled = (value) => {
      if (typeof value === "string") return value.startsWith("hoja-sha256:") ? film.hojas[value.slice(12)] ?? "" : value;
      if (Array.isArray(value)) return value.map(filled);
      if (value && typeof value === "object") for (const name of Object.keys(value)) value[name] = filled(value[name]);
      return value;
    };
    return { ...film, eventos: filled(film.eventos) };
  };
  const mark = (at) => {
    let current = -1;
    chapters.forEach((chapter, i) => { if (i === 0 || chapter.desde < Math.floor(at)) current = i; });
    buttons.forEach((button, i) => i === current ? button.setAttribute("aria-current", "true") : button.removeAttribute("aria-current"));
  };
  const begin = async () => {
    if (player) return;
    document.getElementById("ver")?.remove();
    const film = await film_;
    const width = stage.clientWidth;
    const page = film.eventos.find((event) => event.type === 4).data;
    player = new window.rrwebPlayer.Player({ target: stage, props: {
      events: film.eventos, width, height: Math.round(width * page.height / page.width), autoPlay: false, skipInactive: true, speedOption: [1, 0.5, 0.25, 2, 4],
      mouseTail: false, showWarning: false,
    } });
    for (const label of stage.querySelectorAll(".label")) if (/skip inactive/i.test(label.textContent)) label.textContent = "saltar esperas";
    player.addEventListener("ui-update-current-time", (event) => mark(event.payload));
  };
  const seek = async (chapter, play) => {
    await begin();
    // Shown, a chapter is as it ended, its last event included; played, it runs from its beginning.
    const at = play ? chapter.desde + 1 : Math.max(chapter.desde + 1, chapter.hasta + 0.5);
    player.goto(at, play);
    mark(at);
  };
  const film_ = unpack();
  film_.then((film) => {
    chapters = film.capitulos;
    buttons = chapters.map((chapter) => {
      const item = document.createElement("li"), button = document.createElement("button"), number = document.createElement("b"), title = document.createElement("span"), at = document.createElement("time");
      button.type = "button";
      number.textContent = chapter.numero;
      title.textContent = chapter.titulo;
      at.textContent = clock(chapter.desde);
      button.append(number, title, at);
      button.addEventListener("click", () => seek(chapter, true));
      item.append(button);
      list.append(item);
      return button;
    });
  }).catch(() => {
    document.getElementById("ver")?.remove();
    note.hidden = false;
    note.textContent = "Este navegador no puede mostrar la película; use Edge o Chrome actualizados.";
  });
  document.getElementById("ver").addEventListener("click", async () => { await begin(); player.play(); });
  for (const link of document.querySelectorAll("button[data-paso]")) link.addEventListener("click", async () => {
    await film_;
    const chapter = chapters.find((one) => one.numero === link.dataset.paso && String(one.vez) === link.dataset.vez);
    if (!chapter) return;
    stage.scrollIntoView({ block: "center" });
    await seek(chapter, false);
  });
})();
