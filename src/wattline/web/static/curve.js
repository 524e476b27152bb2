// A curve over time (data-curve names where its points stand, data-unit their unit, kW when none): drawn once, then only given
// new points. Colours come from tokens, so both themes work.
"use strict";
(() => {
  const colour = (token) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${token})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const soft = (found) => `color-mix(in srgb, ${found} 9%, transparent)`;
  const points = (place) => JSON.parse(document.querySelector(`#${place.dataset.curve} [data-points]`)?.dataset.points ?? "[[],[]]");
  const top = (peak) => { const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((s) => peak / s <= 3.2) ?? 1000; return { step, value: step * Math.max(Math.ceil(peak / step), 1) }; };
  const label = (value) => (value ? `${value} ${place.dataset.unit ?? "kW"}` : "0");
  let plot = null, place = null;

  const draw = () => {
    place = document.querySelector("[data-curve]");
    plot?.destroy();
    plot = null;
    if (!place) return;
    const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: place.dataset.zone });
    const exact = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: place.dataset.zone });
    // A charge that has just begun has marks within one minute: their seconds tell them apart.
    const times = (at) => at.map((t) => (at.some((other) => other % 60) ? exact : clock).format(t * 1000));
    const ink = colour("--wl-ink-3"), rule = colour("--wl-rule"), current = colour("--wl-current");
    const axis = { stroke: ink, font: "11px Inter, sans-serif", ticks: { show: false }, grid: { stroke: rule, width: 1 } };
    const peak = (u) => top(Math.max(...u.data[1], 1));
    plot = new uPlot({
      width: place.clientWidth, height: 212, legend: { show: false }, padding: [10, 6, 0, 0], cursor: { y: false, points: { size: 6 } },
      scales: { y: { range: (u) => [0, peak(u).value] } },
      axes: [
        { ...axis, size: 26, gap: 6, grid: { show: false }, space: 90, incrs: [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400], values: (u, at) => times(at) },
        { ...axis, size: 58, gap: 8, splits: (u) => { const { step, value } = peak(u); return Array.from({ length: value / step + 1 }, (_, n) => n * step); }, values: (u, at) => at.map(label) },
      ],
      series: [{}, { stroke: current, width: 1.75, fill: soft(current), points: { show: false } }],
    }, points(place), place);
  };
  const refresh = () => {
    if (document.querySelector("[data-curve]") !== place) draw();
    else if (plot) plot.setData(points(place));
  };
  document.fonts.load("11px Inter").then(draw);
  document.addEventListener("htmx:sse:after:message", refresh);
  document.addEventListener("wattline:theme", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => requestAnimationFrame(draw));
  let width = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; draw(); } });
})();
