// Files dropped onto the page, how much of one is sent, and the focus after a row was saved.
(() => {
  "use strict";
  const zone = document.querySelector("#zona");
  const said = (text) => {
    const box = document.querySelector("#mensajes");
    if (box) box.textContent = text;
  };

  if (zone) {
    const input = zone.querySelector("input[type=file]");
    const bar = zone.querySelector("progress");
    const most = Number(zone.dataset.mega) * 1024 * 1024;
    let depth = 0;
    const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const over = (on) => zone.classList.toggle("encima", on);
    // The whole page takes files: one dropped beside the frame would otherwise replace the page.
    document.addEventListener("dragenter", (event) => {
      if (!holdsFiles(event)) return;
      depth += 1;
      over(true);
    });
    document.addEventListener("dragleave", (event) => {
      if (!holdsFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (!depth) over(false);
    });
    document.addEventListener("dragover", (event) => {
      if (holdsFiles(event)) event.preventDefault();
    });
    document.addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      over(false);
      const files = event.dataTransfer.files;
      if (files.length !== 1) {
        said("Suba un archivo a la vez.");
        return;
      }
      input.files = files;
      if (fits()) zone.requestSubmit();
    });
    const fits = () => {
      const file = input.files[0];
      const big = Boolean(file) && file.size > most;
      input.setCustomValidity(big ? `El archivo es demasiado grande: caben ${zone.dataset.mega} MB.` : "");
      if (big) said(input.validationMessage);
      else said("");
      return !big;
    };
    input.addEventListener("change", () => {
      zone.querySelector("#elegido").textContent = input.files[0]?.name ?? "";
      fits();
    });
    zone.addEventListener("htmx:xhr:progress", (event) => {
      const { lengthComputable, loaded, total } = event.detail;
      if (!lengthComputable || !total) return;
      bar.hidden = false;
      bar.value = Math.round((100 * loaded) / total);
    });
    zone.addEventListener("htmx:afterRequest", (event) => {
      bar.hidden = true;
      const status = event.detail.xhr?.status;
      if (status === 413) said(`El archivo es demasiado grande: caben ${zone.dataset.mega} MB.`);
    });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-cierra]")) event.target.closest("dialog")?.close();
  });

  // After a row was saved, the next thing to correct is at hand: its own, or the next row's.
  document.addEventListener("htmx:afterSwap", (event) => {
    const asked = event.detail.requestConfig?.path ?? "";
    const found = /\/filas\/(\d+)/.exec(asked);
    if (!found) return;
    const row = document.querySelector(`#fila-${found[1]}`);
    if (!row) return;
    const within = row.querySelector("[aria-invalid]") ?? (row.querySelector(".fila-campos input:not([type=hidden])"));
    let next = row.nextElementSibling;
    while (next && !next.querySelector("[aria-invalid]")) next = next.nextElementSibling;
    (within ?? next?.querySelector("[aria-invalid]") ?? document.querySelector("#poner"))?.focus();
  });
})();
