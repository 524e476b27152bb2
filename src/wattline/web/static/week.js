// Painting a week of prices: draw over hours with the price in the brush, or mark them by keyboard and press Enter.
// Without this script every hour is a field of its own, and the form works the same.
"use strict";
(() => {
  const week = document.querySelector("[data-week]"), painter = document.querySelector("[data-painter]");
  if (!week || !painter) return;
  const brush = painter.querySelector("[data-brush]");
  const at = (day, hour) => week.querySelector(`[name="h-${day}-${hour}"]`);
  const where = (cell) => cell.name.split("-").slice(1).map(Number);
  const cells = [...week.querySelectorAll("input")];
  let from = null, drawing = false, marked = [];
  painter.hidden = false;

  const between = (one, other) => {
    const [a, b] = [where(one), where(other)], found = [];
    for (let day = Math.min(a[0], b[0]); day <= Math.max(a[0], b[0]); day++)
      for (let hour = Math.min(a[1], b[1]); hour <= Math.max(a[1], b[1]); hour++) found.push(at(day, hour));
    return found;
  };
  const mark = (chosen) => {
    marked.forEach((cell) => cell.classList.remove("marked"));
    marked = chosen;
    marked.forEach((cell) => cell.classList.add("marked"));
  };
  const price = (cell) => { const value = Number(cell.value.replace(",", ".")); return cell.value.trim() && Number.isFinite(value) ? value : null; };
  const shade = () => {
    const ranks = [...new Set(cells.map(price).filter((value) => value !== null))].sort((a, b) => a - b);
    for (const cell of cells) {
      const value = price(cell);
      if (value === null) delete cell.dataset.shade;
      else cell.dataset.shade = ranks.length < 2 ? 0 : Math.round((ranks.indexOf(value) / (ranks.length - 1)) * 5);
    }
  };
  const paint = (chosen) => {
    if (!brush.value.trim()) { brush.focus(); return; }
    for (const cell of chosen) { cell.value = brush.value.trim(); cell.removeAttribute("aria-invalid"); }
    shade();
    const place = document.getElementById("announce");
    if (place) place.textContent = `${chosen.length} hours have ${brush.value.trim()}`;
  };

  week.addEventListener("pointerdown", (event) => {
    // A finger that moves scrolls.
    if (!event.target.matches("input") || event.pointerType === "touch" || event.button !== 0) return;
    from = event.target;
    drawing = true;
    mark([from]);
  });
  week.addEventListener("pointerover", (event) => { if (drawing && event.target.matches("input")) mark(between(from, event.target)); });
  document.addEventListener("pointerup", () => {
    if (!drawing) return;
    drawing = false;
    if (marked.length > 1 || brush.value.trim()) paint(marked);
    mark([]);
  });
  // A finger paints hour by hour while there is a price in the brush.
  week.addEventListener("click", (event) => {
    if (event.pointerType !== "touch" || !event.target.matches("input") || !brush.value.trim()) return;
    paint([event.target]);
    event.target.blur();
  });
  week.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (step) {
      const [day, hour] = where(event.target), next = at(day + step[0], hour + step[1]);
      event.preventDefault();
      if (!next) return;
      if (event.shiftKey) { from = marked.length ? from : event.target; mark(between(from, next)); } else mark([]);
      next.focus();
      if (!event.shiftKey) next.select();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      paint(marked.length ? marked : [event.target]);
      mark([]);
    }
    if (event.key === "Escape") mark([]);
  });
  week.addEventListener("change", shade);
  painter.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    const [days, hours] = button.dataset.fill.split(",").map((range) => range.split("-").map(Number));
    paint(between(at(days[0], hours[0]), at(days[1], hours[1])));
  });
  brush.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  shade();
})();
