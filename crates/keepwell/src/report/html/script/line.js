// @ts-check
// A statistic over the slots, with its intervals and the reference's value.

/**
 * @typedef {object} LineSpec
 * @property {Track} track
 * @property {string} title
 * @property {Own} [own] the reference's value
 * @property {number | null} [limit] from which size on there is a warning
 * @property {(x: number | null) => string} format of the numbers at the axis
 * @property {number} scope
 * @property {number} [width]
 * @property {number} [height]
 * @property {boolean} [isMini] without axes and interaction
 * @property {number} [marked] slot whose value is written beside it
 * @property {boolean} [isShare] never outside [0, 1]
 */

/** @param {number} slot @param {LineSpec} spec */
function slotTip(slot, { track, own, scope, format }) {
  const why = whyNot(track, slot);
  const value = at(track.v, slot);
  const verdict = verdictAt(track.d, slot);
  /** @type {Array<[string, string] | string>} */
  const lines = [];
  if (value !== null) {
    const interval = at(track.lo, slot) === null ? format(value) : estimate(track, slot);
    lines.push([label("value"), interval]);
  }
  if (why !== null) lines.push(`${label("undefined")}: ${why}`);
  if (own !== undefined && own !== null) lines.push([label("reference"), ownEstimate(own)]);
  const q = at(track.q, slot);
  if (q !== null) lines.push([label("p_corrected"), pValue(q)]);
  if (verdict !== null) lines.push([label("verdict"), nameOf(verdict)]);
  const counts = page.scopes[scope];
  const rows = at(counts?.rows, slot);
  const targets = at(counts?.targets, slot);
  if (rows !== null) lines.push([label("rows"), count(rows)]);
  if (targets !== null && own !== undefined) lines.push([label("targets"), count(targets)]);
  if (own !== undefined && counts?.provisional[slot] === "1") lines.push(label("provisional_long"));
  return tipLines(texts().slots[slot] ?? "", lines);
}

/** The same for those who listen. @param {LineSpec} spec */
function spoken(spec) {
  const { track, own, title, format } = spec;
  const parts = [];
  if (own !== undefined && own !== null) parts.push(`${label("reference")}: ${ownEstimate(own)}`);
  for (let slot = 0; slot < nSlots; slot++) {
    if (track.d[slot] === ".") continue;
    const value = at(track.v, slot);
    const verdict = verdictAt(track.d, slot);
    const text = value === null ? `${label("undefined")}, ${whyNot(track, slot) ?? ""}` : format(value);
    const said = verdict === "alert" || verdict === "warning" ? `, ${nameOf(verdict)}` : "";
    parts.push(`${texts().slots[slot]}: ${text}${said}`);
  }
  return `${title}. ${parts.join("; ")}`;
}

/**
 * Least and greatest number to be shown, with air around.
 * @param {LineSpec} spec
 * @returns {[number, number]}
 */
function domain({ track, own, limit, isShare }) {
  const found = [];
  for (let slot = 0; slot < nSlots; slot++) {
    found.push(at(track.v, slot));
    if (isJudged(track, slot)) found.push(at(track.lo, slot), at(track.hi, slot));
  }
  if (own && "v" in own) found.push(own.v, own.lo ?? null, own.hi ?? null);
  if (limit != null) found.push(0, limit * 1.15);
  const known = found.filter((x) => x !== null);
  if (known.length === 0) return [0, 1];
  let low = Math.min(...known);
  let high = Math.max(...known);
  const air = (high - low) * 0.12 || Math.abs(high) * 0.1 || 0.5;
  low = limit != null ? Math.min(0, low) : low - air;
  high += air;
  return isShare ? [Math.max(0, low), Math.min(1, high)] : [low, high];
}

/** Whether a value is more than a number from too few rows. @param {Track} track @param {number} slot */
function isJudged(track, slot) {
  return at(track.v, slot) !== null && track.d[slot] !== "u";
}

/** Runs of neighbouring slots with a judged value. @param {Track} track @returns {number[][]} */
function runs(track) {
  /** @type {number[][]} */
  const found = [];
  for (let slot = 0; slot < nSlots; slot++) {
    if (!isJudged(track, slot)) continue;
    const last = found.at(-1);
    const joins = last !== undefined && last.at(-1) === slot - 1 && slot < page.n_windows;
    if (joins) last.push(slot);
    else found.push([slot]);
  }
  return found;
}

/**
 * @param {LineSpec} spec
 * @returns {SVGSVGElement}
 */
function lineChart(spec) {
  const { track, own, limit, format, scope, isMini = false } = spec;
  const [width, height] = [spec.width ?? 360, spec.height ?? 150];
  const pad = isMini
    ? { left: 8, right: 8, top: 18, bottom: 24 }
    : { left: 46, right: 14, top: 10, bottom: 24 };
  const [low, high] = domain(spec);
  const inner = width - pad.left - pad.right;
  /** @param {number} slot */
  const x = (slot) => pad.left + (inner * (slot + 0.5)) / nSlots;
  /** @param {number} value */
  const y = (value) => pad.top + (height - pad.top - pad.bottom) * (1 - (value - low) / (high - low));
  const chart = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    class: "chart",
    role: "img",
    "aria-label": spoken(spec),
  });
  const frame = { x, y, pad, width, height, step: inner / nSlots };
  drawGround(chart, frame, spec);
  if (!isMini) drawValues(chart, frame, ticks(low, high, 4), format);
  if (own && "v" in own) drawOwn(chart, frame, own);
  if (limit != null) {
    chart.append(
      svg("line", { class: "limit", x1: pad.left, x2: width - pad.right, y1: y(limit), y2: y(limit) }),
    );
  }
  drawTrack(chart, frame, track);
  if (spec.marked !== undefined) drawValue(chart, frame, spec, spec.marked);
  drawSlots(chart, frame, isMini);
  if (!isMini) {
    walkable(chart, {
      x: Array.from({ length: nSlots }, (_, slot) => x(slot)),
      y: pad.top,
      lines: (slot) => slotTip(slot, spec),
      pick: (slot) => choose({ slot }),
    });
  }
  chart.dataset["key"] = `line:${spec.title}:${scope}`;
  return chart;
}

/**
 * @typedef {object} Frame
 * @property {(slot: number) => number} x
 * @property {(value: number) => number} y
 * @property {{left: number, right: number, top: number, bottom: number}} pad
 * @property {number} width
 * @property {number} height
 * @property {number} step
 */

/** Provisional and undefined slots, and the chosen one. @param {SVGElement} chart @param {Frame} frame @param {LineSpec} spec */
function drawGround(chart, { x, pad, height, step }, { track, own, scope, isMini }) {
  const bottom = height - pad.bottom;
  for (let slot = 0; slot < nSlots; slot++) {
    const place = { x: x(slot) - step / 2, width: step, y: pad.top - 4, height: bottom - pad.top + 4 };
    if (own !== undefined && page.scopes[scope]?.provisional[slot] === "1") {
      chart.append(svg("rect", { class: "provisional", fill: "url(#hatch)", ...place }));
    }
    if (slot === choice.slot && nSlots > 1 && !isMini)
      chart.append(svg("rect", { class: "chosen", ...place }));
    if (at(track.v, slot) === null && track.d[slot] !== ".") {
      const middle = (pad.top + bottom) / 2;
      chart.append(svg("g", { transform: `translate(${x(slot) - 5} ${middle - 5})` }, sign("undefined")));
    }
  }
}

/** @param {SVGElement} chart @param {Frame} frame @param {number[]} values @param {(x: number | null) => string} format */
function drawValues(chart, { y, pad, width }, values, format) {
  for (const value of values) {
    chart.append(
      svg("line", { class: "gridline", x1: pad.left, x2: width - pad.right, y1: y(value), y2: y(value) }),
      svg("text", { class: "axis", x: pad.left - 6, y: y(value) + 3.5, "text-anchor": "end" }, format(value)),
    );
  }
}

/** @param {SVGElement} chart @param {Frame} frame @param {{v: number, lo?: number, hi?: number}} own */
function drawOwn(chart, { y, pad, width }, own) {
  const across = { x: pad.left, width: width - pad.left - pad.right };
  if (own.lo !== undefined && own.hi !== undefined) {
    const top = y(own.hi);
    chart.append(svg("rect", { class: "own-band", ...across, y: top, height: Math.max(1, y(own.lo) - top) }));
  }
  chart.append(
    svg("line", { class: "own", x1: across.x, x2: across.x + across.width, y1: y(own.v), y2: y(own.v) }),
  );
}

/** @param {SVGElement} chart @param {Frame} frame @param {Track} track */
function drawTrack(chart, { x, y }, track) {
  /** @param {Values | undefined} values @param {number} slot */
  const point = (values, slot) =>
    `${x(slot).toFixed(1)} ${y(at(values, slot) ?? at(track.v, slot) ?? 0).toFixed(1)}`;
  for (const run of runs(track)) {
    const first = run[0] ?? 0;
    if (at(track.lo, first) !== null) {
      const edge = [
        ...run.map((slot) => point(track.hi, slot)),
        ...[...run].reverse().map((slot) => point(track.lo, slot)),
      ];
      chart.append(
        run.length > 1
          ? svg("path", { class: "band", d: `M${edge.join("L")}Z` })
          : svg("path", { class: "whisker", d: `M${edge.join("L")}` }),
      );
    }
    if (run.length > 1)
      chart.append(
        svg("path", { class: "line", d: `M${run.map((slot) => point(track.v, slot)).join("L")}` }),
      );
  }
  for (let slot = 0; slot < nSlots; slot++) {
    const value = at(track.v, slot);
    if (value === null) continue;
    const verdict = verdictAt(track.d, slot);
    if (verdict === "alert" || verdict === "warning") {
      const size = nSlots <= 60 ? 1.1 : 0.6;
      const transform = `translate(${x(slot) - 5 * size} ${y(value) - 5 * size}) scale(${size})`;
      chart.append(svg("g", { transform }, sign(verdict, { class: `sign mark ${verdict}` })));
    } else if (nSlots <= 60 || !isJudged(track, slot)) {
      chart.append(
        svg("circle", {
          class: isJudged(track, slot) ? "dot" : "dot open",
          cx: x(slot),
          cy: y(value),
          r: 2.6,
        }),
      );
    }
  }
}

/** @param {SVGElement} chart @param {Frame} frame @param {LineSpec} spec @param {number} slot */
function drawValue(chart, { x, y, width }, { track, format }, slot) {
  const value = at(track.v, slot);
  if (value === null) return;
  const text = format(value);
  const half = textWidth(text) / 2;
  const place = Math.max(half + 2, Math.min(width - half - 2, x(slot)));
  chart.append(
    svg(
      "text",
      { class: "note-value", x: place, y: Math.max(10, y(value) - 10), "text-anchor": "middle" },
      text,
    ),
  );
}

/** Names of as many slots as there is room for. @param {SVGElement} chart @param {Frame} frame @param {boolean} isMini */
function drawSlots(chart, { x, pad, width, height, step }, isMini) {
  const names = texts().slots;
  const room = Math.max(...names.map(textWidth)) + 16;
  const every = isMini ? Math.max(1, page.n_windows - 1) : Math.max(1, Math.ceil(room / step));
  let free = Infinity;
  for (let slot = nSlots - 1; slot >= 0; slot -= every) {
    const half = textWidth(names[slot] ?? "") / 2;
    const place = Math.max(pad.left * 0.3 + half, Math.min(width - half - 1, x(slot)));
    if (place + half + 4 > free) continue;
    free = place - half;
    chart.append(
      svg("text", { class: "axis", x: place, y: height - 7, "text-anchor": "middle" }, names[slot]),
    );
  }
}

/** About how wide a text is at the size of the axes, in units of the view box. @param {string} text */
function textWidth(text) {
  let width = 0;
  for (const letter of text) width += letter > "⺀" ? 11 : 6;
  return width;
}

/**
 * Reference and current below each other, for a comparison without windows.
 * @param {LineSpec} spec
 * @returns {SVGSVGElement}
 */
function pairChart(spec) {
  const { track, own, format, title } = spec;
  const [width, height] = [spec.width ?? 360, 92];
  const [low, high] = domain(spec);
  const names = [label("reference"), texts().slots[0] ?? label("current")];
  const left = Math.min(110, Math.max(...names.map(textWidth)) + 16);
  /** @param {number} value */
  const x = (value) => left + (width - left - 16) * ((value - low) / (high - low));
  const chart = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    class: "chart",
    role: "img",
    "aria-label": spoken(spec),
  });
  for (const value of ticks(low, high, 4)) {
    chart.append(
      svg("line", { class: "gridline", x1: x(value), x2: x(value), y1: 8, y2: height - 22 }),
      svg("text", { class: "axis", x: x(value), y: height - 7, "text-anchor": "middle" }, format(value)),
    );
  }
  const ofOwn = own && "v" in own ? [own.lo ?? null, own.v, own.hi ?? null] : [null, null, null];
  const sides = [ofOwn, [at(track.lo, 0), at(track.v, 0), at(track.hi, 0)]];
  sides.forEach(([lower, value, upper], idx) => {
    const y = 24 + idx * 30;
    chart.append(
      svg(
        "text",
        { class: "side", x: left - 10, y: y + 4, "text-anchor": "end" },
        shortened(names[idx] ?? "", 16),
      ),
    );
    if (value == null) {
      chart.append(
        svg("text", { class: "axis", x: left + 4, y: y + 4 }, idx === 1 ? (whyNot(track, 0) ?? "–") : "–"),
      );
      return;
    }
    if (lower != null && upper != null) {
      chart.append(
        svg("line", { class: idx === 0 ? "own-range" : "whisker", x1: x(lower), x2: x(upper), y1: y, y2: y }),
      );
    }
    const verdict = verdictAt(track.d, 0);
    chart.append(
      idx === 1 && (verdict === "alert" || verdict === "warning")
        ? svg(
            "g",
            { transform: `translate(${x(value) - 6} ${y - 6}) scale(1.2)` },
            sign(verdict, { class: `sign mark ${verdict}` }),
          )
        : svg("circle", { class: idx === 0 ? "own-dot" : "dot", cx: x(value), cy: y, r: 4 }),
    );
  });
  walkable(chart, { x: [width / 2], y: 10, lines: () => [el("strong", {}, title), ...slotTip(0, spec)] });
  chart.dataset["key"] = `pair:${title}`;
  return chart;
}

/** @param {LineSpec} spec */
function trackChart(spec) {
  return nSlots === 1 ? pairChart(spec) : lineChart(spec);
}

/** @param {string} text @param {number} n */
function shortened(text, n) {
  const letters = [...text];
  return letters.length > n ? `${letters.slice(0, n - 1).join("")}…` : text;
}
