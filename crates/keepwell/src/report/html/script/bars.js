// @ts-check
// Distributions: the reference and one slot on the same bins.

/**
 * @typedef {object} Bin
 * @property {string} name
 * @property {number} own share of the reference's rows
 * @property {number | null} now share of the slot's rows
 * @property {number} from place on the axis of numbers, 0 to 1, where the bin is between edges
 * @property {number} to
 * @property {"" | "below" | "above" | "other" | "missing"} special
 */

const PARTS = 10_000;

/** @param {Picture} picture @param {number} slot @returns {Bin[]} */
function binsOf({ bins, own, slots }, slot) {
  const now = slots[slot] ?? null;
  const n = own.length;
  return own.map((share, idx) => {
    /** @type {Bin} */
    const bin = {
      name: "",
      own: share / PARTS,
      now: now === null ? null : (now[idx] ?? 0) / PARTS,
      from: 0,
      to: 0,
      special: "",
    };
    if (idx === n - 1) {
      bin.special = "missing";
      bin.name = label("missing");
    } else if ("names" in bins) {
      const name = bins.names[idx];
      bin.name = name ?? label("other");
      if (name === undefined) bin.special = "other";
      else if (name === "") bin.name = label("empty_text");
    } else {
      const [first, last] = [bins.edges[0] ?? 0, bins.edges.at(-1) ?? 1];
      const [low, high] = [bins.edges[idx - 1], bins.edges[idx]];
      if (low === undefined) [bin.special, bin.name] = ["below", `< ${number(first)}`];
      else if (high === undefined) [bin.special, bin.name] = ["above", `≥ ${number(last)}`];
      else {
        [bin.from, bin.to] = [(low - first) / (last - first), (high - first) / (last - first)];
        bin.name = n === 4 ? number(low) : `${number(low, 4)} – ${number(high, 4)}`;
      }
    }
    return bin;
  });
}

/** @param {Bin} bin @param {number} slot */
function binTip(bin, slot) {
  return tipLines(bin.name, [
    [label("reference"), share(bin.own)],
    [slotName(slot), bin.now === null ? "–" : share(bin.now)],
  ]);
}

/** @param {number} slot */
function slotName(slot) {
  return page.n_windows === 0 ? label("current") : (texts().slots[slot] ?? "");
}

/** @param {string} title @param {Bin[]} bins @param {number} slot */
function spokenBins(title, bins, slot) {
  const told = bins
    .filter((bin) => bin.own > 0.005 || (bin.now ?? 0) > 0.005)
    .map((bin) => `${bin.name}: ${share(bin.own)}, ${bin.now === null ? "–" : share(bin.now)}`);
  return `${title}, ${label("reference")}, ${slotName(slot)}. ${told.join("; ")}`;
}

/**
 * @param {Picture} picture
 * @param {object} spec
 * @param {string} spec.title
 * @param {number} spec.slot
 * @param {number} spec.width
 * @param {number} [spec.height] of a numeric picture
 * @param {boolean} [spec.isMini]
 * @returns {SVGSVGElement}
 */
function barChart(picture, { title, slot, width, height = 220, isMini = false }) {
  const bins = binsOf(picture, slot);
  const chart =
    "edges" in picture.bins
      ? numberBars(bins, picture.bins.edges, { slot, width, height, isMini })
      : nameBars(bins, { width, isMini });
  chart.setAttribute("aria-label", spokenBins(title, bins, slot));
  chart.dataset["key"] = `bars:${title}`;
  return chart;
}

/** @param {Bin} bin */
function isThere(bin) {
  return bin.own > 0 || (bin.now ?? 0) > 0;
}

/**
 * @param {Bin[]} bins
 * @param {number[]} edges
 * @param {{slot: number, width: number, height: number, isMini: boolean}} spec
 */
function numberBars(bins, edges, { slot, width, height, isMini }) {
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img" });
  const pad = isMini ? { left: 4, top: 6, bottom: 16 } : { left: 46, top: 10, bottom: 26 };
  const shown = bins.filter((bin) => bin.special === "" || isThere(bin));
  const specials = shown.filter((bin) => bin.special !== "");
  const wide = isMini ? 16 : Math.min(56, width * 0.09);
  const gap = isMini ? 5 : 14;
  const before = specials.some((bin) => bin.special === "below") ? wide + gap : 0;
  const nAfter = specials.filter((bin) => bin.special !== "below").length;
  const main = { from: pad.left + before, to: width - 6 - nAfter * (wide + gap) };
  const highest = Math.max(...shown.map((bin) => Math.max(bin.own, bin.now ?? 0)), 1e-9) * 1.06;
  const bottom = height - pad.bottom;
  /** @param {number} value */
  const y = (value) => bottom - (bottom - pad.top) * (value / highest);
  if (!isMini) {
    for (const value of ticks(0, highest, 4)) {
      chart.append(
        svg("line", { class: "gridline", x1: pad.left, x2: width - 6, y1: y(value), y2: y(value) }),
        svg(
          "text",
          { class: "axis", x: pad.left - 6, y: y(value) + 3.5, "text-anchor": "end" },
          share(value),
        ),
      );
    }
  }
  let after = main.to + gap;
  const middles = shown.map((bin) => {
    let [from, to] = [
      main.from + (main.to - main.from) * bin.from,
      main.from + (main.to - main.from) * bin.to,
    ];
    if (bin.special === "below") [from, to] = [pad.left, pad.left + wide];
    else if (bin.special !== "") {
      [from, to] = [after, after + wide];
      after += wide + gap;
    }
    drawBin(chart, bin, { from: from + 0.5, to: to - 0.5, y, bottom });
    if (bin.special !== "" && !isMini) {
      chart.append(
        svg(
          "text",
          { class: "axis", x: (from + to) / 2, y: height - 9, "text-anchor": "middle" },
          shortened(bin.name, 9),
        ),
      );
    }
    return (from + to) / 2;
  });
  if (isMini) drawEnds(chart, edges, main, height - 4);
  else drawNumbers(chart, edges, main, { y: height - 9, n: Math.max(2, Math.floor(width / 110)) });
  if (!isMini) {
    const order = middles
      .map((_, idx) => idx)
      .sort((left, right) => (middles[left] ?? 0) - (middles[right] ?? 0));
    walkable(chart, {
      x: order.map((idx) => middles[idx] ?? 0),
      y: pad.top,
      lines: (idx) => binTip(/** @type {Bin} */ (shown[order[idx] ?? 0]), slot),
    });
  }
  return chart;
}

/**
 * @param {SVGElement} chart
 * @param {Bin} bin
 * @param {{from: number, to: number, y: (value: number) => number, bottom: number}} place
 */
function drawBin(chart, bin, { from, to, y, bottom }) {
  const across = { x: from, width: Math.max(0.5, to - from) };
  const kind = bin.special === "" ? "" : " special";
  /** @param {string} name @param {number} value */
  const bar = (name, value) =>
    svg("rect", {
      class: name + kind,
      ...across,
      y: y(value),
      height: Math.max(value > 0 ? 1 : 0, bottom - y(value)),
    });
  chart.append(bar("bar-own", bin.own));
  if (bin.now !== null) {
    chart.append(bar("bar-now", bin.now));
    chart.append(svg("line", { class: "bar-now-top", x1: from, x2: to, y1: y(bin.now), y2: y(bin.now) }));
  }
  chart.append(svg("line", { class: "bar-own-top", x1: from, x2: to, y1: y(bin.own), y2: y(bin.own) }));
}

/**
 * @param {SVGElement} chart
 * @param {number[]} edges
 * @param {{from: number, to: number}} main
 * @param {{y: number, n: number}} spec
 */
function drawNumbers(chart, edges, main, { y, n }) {
  const [first, last] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  if (edges.length <= 2) {
    chart.append(
      svg(
        "text",
        { class: "axis", x: (main.from + main.to) / 2, y, "text-anchor": "middle" },
        number(first, 4),
      ),
    );
    return;
  }
  for (const value of ticks(first, last, n)) {
    const x = main.from + ((main.to - main.from) * (value - first)) / (last - first);
    const text = number(value, 6);
    const half = textWidth(text) / 2;
    if (x - half < main.from - 8 || x + half > main.to + 8) continue;
    chart.append(svg("text", { class: "axis", x, y, "text-anchor": "middle" }, text));
  }
}

/** @param {SVGElement} chart @param {number[]} edges @param {{from: number, to: number}} main @param {number} y */
function drawEnds(chart, edges, main, y) {
  const [first, last] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  if (edges.length <= 2) return drawNumbers(chart, edges, main, { y, n: 1 });
  chart.append(
    svg("text", { class: "axis", x: main.from, y }, number(first)),
    svg("text", { class: "axis", x: main.to, y, "text-anchor": "end" }, number(last)),
  );
}

/**
 * @param {Bin[]} bins
 * @param {{width: number, isMini: boolean}} spec
 */
function nameBars(bins, { width, isMini }) {
  let shown = bins.filter((bin) => bin.special === "" || isThere(bin));
  if (isMini && shown.length > 5) {
    // The bins that moved most, in their order.
    const moved = [...shown]
      .sort((left, right) => Math.abs((right.now ?? 0) - right.own) - Math.abs((left.now ?? 0) - left.own))
      .slice(0, 5);
    shown = shown.filter((bin) => moved.includes(bin));
  }
  const step = isMini ? 18 : 30;
  const height = Math.max(shown.length * step + 6, 30);
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img" });
  const longest = Math.max(40, ...shown.map((bin) => textWidth(bin.name)));
  const left = Math.min(longest + 12, width * (isMini ? 0.38 : 0.34));
  const right = isMini ? 8 : 64;
  const highest = Math.max(...shown.map((bin) => Math.max(bin.own, bin.now ?? 0)), 1e-9);
  /** @param {number} value */
  const wide = (value) => Math.max(value > 0 ? 1 : 0, (width - left - right) * (value / highest));
  shown.forEach((bin, idx) => {
    const y = 3 + idx * step;
    const half = step * 0.4;
    const kind = bin.special === "" ? "" : " special";
    chart.append(
      svg(
        "text",
        { class: "axis name", x: left - 8, y: y + half + 4, "text-anchor": "end" },
        shortened(bin.name, Math.floor((left - 10) / 6.2)),
        svg("title", {}, bin.name),
      ),
      svg("rect", { class: `bar-own${kind}`, x: left, y, width: wide(bin.own), height: half, rx: 1 }),
    );
    if (bin.now !== null) {
      chart.append(
        svg("rect", {
          class: `bar-now solid${kind}`,
          x: left,
          y: y + half,
          width: wide(bin.now),
          height: half,
          rx: 1,
        }),
      );
    }
    if (isMini) return;
    chart.append(
      svg("text", { class: "axis", x: left + wide(bin.own) + 6, y: y + half - 2 }, share(bin.own)),
    );
    if (bin.now !== null) {
      chart.append(
        svg(
          "text",
          { class: "axis strong", x: left + wide(bin.now) + 6, y: y + 2 * half - 1 },
          share(bin.now),
        ),
      );
    }
  });
  return chart;
}
