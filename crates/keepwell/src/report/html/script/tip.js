// @ts-check
// The box with exact numbers beside the pointer or the keyboard's place.

const tip = el("div", { id: "tip", role: "status", hidden: true });

/**
 * @param {Node[]} lines
 * @param {number} x in the viewport
 * @param {number} y
 */
function showTip(lines, x, y) {
  tip.replaceChildren(...lines);
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = Math.max(8, Math.min(x - box.width / 2, innerWidth - box.width - 8));
  const above = y - box.height - 14;
  tip.style.left = `${left}px`;
  tip.style.top = `${above < 8 ? y + 18 : above}px`;
}

function hideTip() {
  tip.hidden = true;
}

/**
 * Head and lines of a tip.
 * @param {string} head
 * @param {Array<[string, string] | string>} lines
 * @returns {Node[]}
 */
function tipLines(head, lines) {
  return [
    el("strong", {}, head),
    ...lines.map((line) =>
      typeof line === "string"
        ? el("p", {}, line)
        : el("p", {}, el("span", {}, line[0]), el("b", {}, line[1])),
    ),
  ];
}

/**
 * Lets pointer and arrow keys walk over the places of a chart.
 * @param {SVGSVGElement} chart
 * @param {object} places
 * @param {number[]} places.x middle of each place, ascending, in units of the view box
 * @param {number} places.y where the tip points to
 * @param {(idx: number) => Node[]} places.lines
 * @param {(idx: number) => void} [places.pick] on click and Enter
 */
function walkable(chart, { x, y, lines, pick }) {
  let current = -1;
  const cursor = svg("line", {
    class: "cursor",
    y1: 0,
    y2: chart.viewBox.baseVal.height,
    visibility: "hidden",
  });
  chart.append(cursor);
  /** @param {number} idx */
  const go = (idx) => {
    current = idx;
    const place = x[idx] ?? 0;
    cursor.setAttribute("x1", String(place));
    cursor.setAttribute("x2", String(place));
    cursor.setAttribute("visibility", "visible");
    const box = chart.getBoundingClientRect();
    const scale = box.width / chart.viewBox.baseVal.width;
    showTip(lines(idx), box.left + place * scale, box.top + y * scale);
  };
  const leave = () => {
    cursor.setAttribute("visibility", "hidden");
    hideTip();
  };
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
    const near = nearest(x, place);
    if (near !== current || tip.hidden) go(near);
  });
  chart.addEventListener("pointerleave", leave);
  chart.addEventListener("blur", leave);
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      go(Math.max(0, Math.min(x.length - 1, current < 0 ? (step > 0 ? 0 : x.length - 1) : current + step)));
    } else if (event.key === "Escape") {
      leave();
    } else if (event.key === "Enter" && current >= 0) {
      pick?.(current);
    }
  });
  if (pick !== undefined) chart.addEventListener("click", () => current >= 0 && pick(current));
  chart.setAttribute("tabindex", "0");
}

/** @param {number[]} places @param {number} place */
function nearest(places, place) {
  let best = 0;
  places.forEach((candidate, idx) => {
    if (Math.abs(candidate - place) < Math.abs((places[best] ?? 0) - place)) best = idx;
  });
  return best;
}
