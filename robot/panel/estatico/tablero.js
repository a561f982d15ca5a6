// The dashboard's charts: data from the page, colours from the style sheet, drawn anew when the theme changes.
(() => {
  "use strict";
  const charts = new Map();
  const narrow = matchMedia("(max-width: 600px)");
  const number = new Intl.NumberFormat("es-CO", { maximumFractionDigits: 2 });
  const colour = (name, force = 1) => {
    const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    return force === 1 ? value : value + Math.round(force * 255).toString(16).padStart(2, "0");
  };
  const told = (value, unit) => number.format(value) + (unit ? `\u00a0${unit}` : "");

  const axis = (grid, more = {}) => ({
    grid: { color: grid ? colour("--borde") : "transparent" },
    border: { color: colour("--borde") },
    ticks: { color: colour("--suave"), maxRotation: 0, autoSkipPadding: 12, ...more.ticks },
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "ticks")),
  });

  const dataset = (data) => (serie) => {
    const fill = colour(serie.color, serie.fuerza);
    const lines = data.tipo === "lineas";
    return {
      label: serie.nombre,
      data: serie.valores,
      backgroundColor: fill,
      borderColor: fill,
      borderWidth: lines ? 2.5 : 0,
      pointRadius: data.etiquetas.length > 45 ? 0 : 3,
      pointHitRadius: 12,
      tension: 0.25,
      spanGaps: true,
      ...(data.unidad === "%" ? { clip: false } : {}),
      maxBarThickness: data.tipo === "barras" ? 26 : 44,
    };
  };

  const options = (data) => {
    const flat = data.tipo === "barras";
    const stacked = data.tipo === "apiladas";
    const value = (tick) => told(tick, data.unidad);
    const most = narrow.matches ? 24 : 42;
    const wrapped = (text) => text.split(" ").reduce((lines, word) => {
      const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
      return lines.length && longer.length > most ? [...lines, word] : [...lines.slice(0, -1), longer];
    }, []);
    const count = { beginAtZero: true, stacked, ticks: { callback: value, precision: data.unidad ? undefined : 0 } };
    if (data.unidad === "%") Object.assign(count, { min: 0, max: 100 });
    const room = data.unidad === "%" ? { padding: { top: 10, right: 8 } } : {}; // a point at 100 % is drawn whole
    const names = flat
      ? { stacked, ticks: { autoSkip: false, callback(place) { return wrapped(this.getLabelForValue(place)); } } }
      : { stacked };
    return {
      responsive: true,
      maintainAspectRatio: false,
      layout: room,
      animation: false,
      indexAxis: flat ? "y" : "x",
      interaction: { mode: "index", intersect: false, axis: flat ? "y" : "x" },
      scales: { [flat ? "y" : "x"]: axis(false, names), [flat ? "x" : "y"]: axis(true, count) },
      plugins: {
        legend: { display: data.series.length > 1, position: "bottom", labels: { color: colour("--texto"), boxWidth: 12, boxHeight: 12 } },
        tooltip: {
          filter: (item) => !stacked || item.raw > 0,
          callbacks: { label: (item) => `${item.dataset.label}: ${told(item.raw, data.unidad)}` },
        },
      },
    };
  };

  const draw = (canvas) => {
    const data = JSON.parse(document.getElementById(`datos-${canvas.dataset.grafica}`).textContent);
    charts.get(canvas)?.destroy();
    charts.set(canvas, new Chart(canvas, {
      type: data.tipo === "lineas" ? "line" : "bar",
      data: { labels: data.etiquetas, datasets: data.series.map(dataset(data)) },
      options: options(data),
    }));
  };

  const drawAll = () => {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.locale = "es-CO";
    for (const [canvas, chart] of charts) {
      if (!canvas.isConnected) {
        chart.destroy();
        charts.delete(canvas);
      }
    }
    for (const canvas of document.querySelectorAll("canvas[data-grafica]")) draw(canvas);
  };

  document.addEventListener("tema", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  narrow.addEventListener("change", drawAll);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.querySelector?.("canvas[data-grafica]") || event.target.matches?.("#pasos-tiempo")) drawAll();
  });
  drawAll();
})();
