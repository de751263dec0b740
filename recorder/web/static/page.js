// Keys, and charts in the page's own colours. Everything that is said is there without it.
"use strict";

const rows = () => [...document.querySelectorAll(".go, .talk .turn")].filter((row) => row.offsetParent !== null);

function move(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement.closest(".go, .turn"));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

const keys = {
  "/": () => document.getElementById("search").focus(),
  j: () => move(1),
  k: () => move(-1),
  o: () => document.querySelectorAll("details").forEach((one) => { one.open = true; }),
  n: () => { const box = document.getElementById("new-only"); if (box) box.click(); },
  Enter: () => document.activeElement.matches(".go") && document.activeElement.querySelector("a")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  if (event.key === "Enter" && !event.target.matches(".go")) return;
  if (keys[event.key]) { keys[event.key](); event.preventDefault(); }
});

document.getElementById("unfold")?.addEventListener("click", keys.o);
document.getElementById("new-only")?.addEventListener("change", (event) => {
  document.querySelector(".talk").classList.toggle("new-only", event.target.checked);
});

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function themed(figure) {
  const axis = { gridcolor: colour("--line"), zerolinecolor: colour("--line"), automargin: true };
  const layout = figure.layout;
  return {
    ...layout,
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
    margin: { l: 50, r: 10, t: 10, b: 40 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: colour("--ink"), size: 12 },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom" },
    colorway: [0, 1, 2, 3, 4, 5].map((n) => colour(`--c${n}`)),
  };
}

const loaded = {};
const data = (source) => loaded[source] ??= fetch(source, { credentials: "same-origin" }).then((answer) => answer.json());

async function draw(chart) {
  const all = await data(chart.dataset.source);
  const figure = chart.dataset.figure ? all[chart.dataset.figure] : all;
  const plot = chart.querySelector(".plot");
  if (!figure || !figure.data.some((trace) => trace.x.length)) { chart.hidden = true; return; }
  await Plotly.react(plot, figure.data, themed(figure), { displayModeBar: false, responsive: true });
  plot.removeAllListeners?.("plotly_click");
  plot.on("plotly_click", (event) => {
    const id = event.points[0].customdata;
    if (id) location.href = `/interactions/${encodeURIComponent(id)}`;
  });
}

const drawAll = () => document.querySelectorAll(".chart").forEach(draw);
if (window.Plotly) {
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
}
