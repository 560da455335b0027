// Plots: `data-plot` holds the series, and is renewed in place with the page.
(() => {
  "use strict";
  const plots = new WeakMap();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  function draw(element) {
    const { since, step, series } = JSON.parse(element.dataset.plot);
    const count = series[0].values.length;
    const start = Date.parse(since) / 1000;
    const data = [Array.from({ length: count }, (_, at) => start + at * step), ...series.map((one) => one.values)];
    const known = plots.get(element);
    if (known) {
      known.setData(data);
      return;
    }
    const axis = { stroke: colour("quiet"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line") } };
    const whole = (_, marks) => marks.map((mark) => (Number.isInteger(mark) ? String(mark) : ""));
    plots.set(element, new uPlot({
      width: element.clientWidth,
      height: element.clientHeight - 34,
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: (_, low, high) => [0, Math.max(high, 4)] } },
      axes: [{ ...axis, values: [[3600, "{HH}:{mm}", null, null, null, null, null, null, 1], [60, "{HH}:{mm}", null, null, null, null, null, null, 1]] }, { ...axis, size: 44, values: whole }],
      series: [{ label: element.dataset.time, value: "{HH}:{mm}" }, ...series.map((one) => ({
        label: one.label, stroke: colour(one.tone), width: 2, dash: one.dash, points: { show: false },
      }))],
    }, data, element));
  }

  function drawAll() {
    document.querySelectorAll("[data-plot]").forEach(draw);
  }

  function again() {
    for (const element of document.querySelectorAll("[data-plot]")) {
      plots.get(element)?.destroy();
      plots.delete(element);
    }
    drawAll();
  }

  drawAll();
  document.addEventListener("htmx:after:swap", drawAll);
  document.addEventListener("mla:theme", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  let timer = 0;
  addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(again, 150); });
})();
