// @ts-check
// What thresholds do, and whether scores are probabilities: reference and chosen slot.

/** Size of a chart, in units of its view box. */
const PLANE = { width: 320, height: 288, left: 58, right: 14, top: 12, bottom: 42 };

/**
 * A chart of two shares. Points are in parts of 1000.
 * @typedef {object} PlaneSpec
 * @property {string} key
 * @property {string} title
 * @property {string} x
 * @property {string} y
 * @property {number} most where both axes end
 * @property {Array<[number, number]> | null} own
 * @property {Array<[number, number]> | null} now
 * @property {[number, number] | null} ownMark
 * @property {[number, number] | null} nowMark
 * @property {string} markText
 * @property {Array<[number, number, number]>} [whiskers] place, lower and upper end
 * @property {boolean} isDiagonal whether the diagonal says something
 * @property {(idx: number) => Node[]} lines of the tip of a point of `now`
 * @property {string} said for those who listen
 */

/** @returns {Element | null} */
function curvesCard() {
  if (page.curves.length === 0) return null;
  const facet = page.curves.findIndex((curves) => choice.facet === `class=${curves.class}`);
  const idx = facet >= 0 ? facet : choice.curve;
  const curves = page.curves[idx];
  if (curves === undefined) return null;
  const now = curves.slots[choice.slot] ?? null;
  const isBinary = page.task === "binary";
  return el(
    "div",
    { class: "card block" },
    el("h3", {}, isBinary ? label("curves") : `${label("curves")} · ${label("class_is", { name: curves.class })}`),
    el("p", { class: "small" }, label("curves_lead"), choice.scope !== 0 && ` ${label("curves_all_rows")}`),
    facet < 0 && page.curves.length > 1 && el("div", { class: "controls inner" }, classSelect()),
    el(
      "p",
      { class: "legend inner" },
      el("span", {}, el("i", { class: "swatch current", "aria-hidden": true }), slotName(choice.slot)),
      el("span", {}, el("i", { class: "swatch reference", "aria-hidden": true }), label("reference")),
    ),
    now === null && el("p", { class: "note" }, label("no_curve")),
    el("div", { class: "planes" }, ...planes(curves.own, now)),
    folded("curves", label("curve_values"), () => curveTables(curves.own, now)),
  );
}

function classSelect() {
  return select(
    label("class"),
    [["", page.curves.map((curves, idx) => [String(idx), curves.class])]],
    String(choice.curve),
    (value) => choose({ curve: Number(value) }),
  );
}

/** @param {CurveSide | null} own @param {CurveSide | null} now */
function planes(own, now) {
  return [rocSpec(own, now), recallSpec(own, now), calibrationSpec(own, now)].map((spec) =>
    el(
      "figure",
      { class: "plane" },
      el("figcaption", {}, spec.title),
      spec.own === null && spec.now === null
        ? el("p", { class: "small" }, label("no_calibration"))
        : planeChart(spec),
    ),
  );
}

/** @param {CurvePoints | undefined} points @returns {Array<[number, number]> | null} */
function placesOf(points) {
  return points === undefined || points.length === 0 ? null : points.map(([, x, y]) => [x, y]);
}

/** @param {number | null | undefined} x @param {number | null | undefined} y @returns {[number, number] | null} */
function markOf(x, y) {
  return x == null || y == null ? null : [x, y];
}

/** @param {number} mille */
function milleShare(mille) {
  return share(mille / 1000);
}

/** @param {CurveSide | null} now */
function thresholdText(now) {
  return now?.now?.at === undefined ? "" : `≥ ${number(now.now.at)}`;
}

/** The value of a curve at a place. @param {Array<[number, number]> | null} points @param {number} place @returns {number | null} */
function along(points, place) {
  if (points === null) return null;
  const idx = points.findIndex(([x]) => x >= place);
  const [right, left] = [points[idx], points[idx - 1]];
  if (right === undefined) return null;
  // A step upwards: its upper end.
  if (right[0] === place) return points.filter(([x]) => x === place).at(-1)?.[1] ?? null;
  if (left === undefined) return null;
  return left[1] + ((right[1] - left[1]) * (place - left[0])) / (right[0] - left[0]);
}

/**
 * @param {"roc" | "pr"} which
 * @param {CurveSide | null} own
 * @param {CurveSide | null} now
 * @param {[string, string]} axes
 */
function curveLines(which, own, now, axes) {
  const places = placesOf(own?.[which]);
  return (/** @type {number} */ idx) => {
    const [threshold, x, y] = now?.[which][idx] ?? [null, 0, 0];
    const other = along(places, x);
    /** @type {Array<[string, string] | string>} */
    const lines = [
      [axes[0], milleShare(x)],
      [axes[1], milleShare(y)],
    ];
    if (threshold !== null) lines.unshift([label("threshold"), `≥ ${number(threshold)}`]);
    if (other !== null) lines.push([`${label("reference")}: ${axes[1]}`, milleShare(other)]);
    return tipLines(slotName(choice.slot), lines);
  };
}

/**
 * Values at a few places, for those who listen.
 * @param {string} title
 * @param {string[][]} rows place, reference, current
 */
function saidOf(title, rows) {
  const said = rows.map(
    ([place, own, now]) => `${place}: ${slotName(choice.slot)} ${now}, ${label("reference")} ${own}`,
  );
  return `${title}. ${said.join("; ")}`;
}

/** @param {CurveSide | null} own @param {CurveSide | null} now @returns {PlaneSpec} */
function rocSpec(own, now) {
  const title = label("roc");
  return {
    key: "roc",
    title,
    x: label("fpr"),
    y: label("recall"),
    most: 1000,
    own: placesOf(own?.roc),
    now: placesOf(now?.roc),
    ownMark: markOf(own?.now?.fpr, own?.now?.recall),
    nowMark: markOf(now?.now?.fpr, now?.now?.recall),
    markText: thresholdText(now),
    isDiagonal: true,
    lines: curveLines("roc", own, now, [label("fpr"), label("recall")]),
    said: saidOf(title, curveRows("roc", own, now, FPR_PLACES)),
  };
}

/** @param {CurveSide | null} own @param {CurveSide | null} now @returns {PlaneSpec} */
function recallSpec(own, now) {
  const title = label("precision_recall");
  return {
    key: "pr",
    title,
    x: label("recall"),
    y: label("precision"),
    most: 1000,
    own: placesOf(own?.pr),
    now: placesOf(now?.pr),
    ownMark: markOf(own?.now?.recall, own?.now?.precision),
    nowMark: markOf(now?.now?.recall, now?.now?.precision),
    markText: thresholdText(now),
    isDiagonal: false,
    lines: curveLines("pr", own, now, [label("recall"), label("precision")]),
    said: saidOf(title, curveRows("pr", own, now, RECALL_PLACES)),
  };
}

/** @param {CurveSide | null} own @param {CurveSide | null} now @returns {PlaneSpec} */
function calibrationSpec(own, now) {
  const title = label("calibration");
  /** @param {CurveSide | null} side @returns {Array<[number, number]> | null} */
  const places = (side) => (side?.bins.length ? side.bins.map(([score, part]) => [score, part]) : null);
  const known = [own, now].flatMap((side) => side?.bins ?? []);
  const highest = Math.max(100, ...known.map(([score, part]) => Math.max(score, part)));
  return {
    key: "calibration",
    title,
    x: label("mean_score"),
    y: label("share_of_class"),
    most: Math.min(1000, Math.ceil((highest * 1.05) / 100) * 100),
    own: places(own),
    now: places(now),
    ownMark: null,
    nowMark: null,
    markText: "",
    whiskers: (now?.bins ?? []).map(([score, , lower, upper]) => [score, lower, upper]),
    isDiagonal: true,
    lines: (idx) => {
      const [score = 0, part = 0, lower = 0, upper = 0, rows = 0] = now?.bins[idx] ?? [];
      return tipLines(slotName(choice.slot), [
        [label("mean_score"), number(score / 1000)],
        [label("share_of_class"), `${milleShare(part)} (${milleShare(lower)}–${milleShare(upper)})`],
        [label("rows"), count(rows)],
      ]);
    },
    said: saidOf(title, binRows(own, now).map(([score = "", ownPart = "", , part = ""]) => [score, ownPart, part])),
  };
}

/** @param {PlaneSpec} spec */
function planeChart(spec) {
  const { width, height, left, right, top, bottom } = PLANE;
  const [end, floor] = [width - right, height - bottom];
  /** @param {number} share */
  const x = (share) => left + ((end - left) * Math.min(share, spec.most)) / spec.most;
  /** @param {number} share */
  const y = (share) => floor - ((floor - top) * Math.min(share, spec.most)) / spec.most;
  const chart = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": spec.said },
    svg("desc", {}, spec.said),
  );
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const share = part * spec.most;
    const text = milleShare(share);
    chart.append(
      svg("line", { class: "gridline", x1: left, x2: end, y1: y(share), y2: y(share) }),
      svg("text", { x: left - 6, y: y(share) + 3.5, "text-anchor": "end" }, text),
      svg("text", { x: x(share), y: floor + 15, "text-anchor": "middle" }, text),
    );
  }
  const middle = (top + floor) / 2;
  chart.append(
    svg("text", { class: "name", x: (left + end) / 2, y: height - 6, "text-anchor": "middle" }, spec.x),
    svg("text", { class: "name", x: 0, y: 0, "text-anchor": "middle", transform: `translate(9 ${middle}) rotate(-90)` }, spec.y),
  );
  if (spec.isDiagonal) {
    chart.append(svg("line", { class: "chance", x1: left, y1: floor, x2: end, y2: top }));
  }
  /** @param {Array<[number, number]>} points */
  const path = (points) => `M${points.map(([across, up]) => `${x(across).toFixed(1)} ${y(up).toFixed(1)}`).join("L")}`;
  if (spec.own !== null) chart.append(svg("path", { class: "own-curve", d: path(spec.own) }));
  if (spec.now !== null) chart.append(svg("path", { class: "line", d: path(spec.now) }));
  for (const [at, lower, upper] of spec.whiskers ?? []) {
    chart.append(
      svg("line", { class: "whisker", x1: x(at), x2: x(at), y1: y(lower), y2: y(upper) }),
    );
  }
  if (spec.whiskers !== undefined) {
    for (const [at, part] of spec.now ?? []) {
      chart.append(svg("circle", { class: "dot", cx: x(at), cy: y(part), r: 2.8 }));
    }
  }
  drawMarks(chart, spec, x, y);
  if (spec.now !== null) {
    walkable(chart, { x: spec.now.map(([at]) => x(at)), y: top, lines: spec.lines });
  }
  chart.dataset["key"] = `curve:${spec.key}`;
  return chart;
}

/**
 * The decisions in force.
 * @param {SVGElement} chart
 * @param {PlaneSpec} spec
 * @param {(share: number) => number} x
 * @param {(share: number) => number} y
 */
function drawMarks(chart, { ownMark, nowMark, markText }, x, y) {
  if (ownMark !== null) {
    chart.append(svg("circle", { class: "ring own-ring", cx: x(ownMark[0]), cy: y(ownMark[1]), r: 4.5 }));
  }
  if (nowMark === null) return;
  const [across, up] = [x(nowMark[0]), y(nowMark[1])];
  chart.append(svg("circle", { class: "ring", cx: across, cy: up, r: 5.5 }));
  if (markText === "") return;
  const isRight = across > PLANE.width * 0.7;
  const place = { x: across + (isRight ? -10 : 10), y: Math.min(up + 16, PLANE.height - PLANE.bottom - 4) };
  chart.append(
    svg("text", { class: "note-value", ...place, "text-anchor": isRight ? "end" : "start" }, markText),
  );
}

/** Where the curves are read for the tables, in parts of 1000. */
const FPR_PLACES = [10, 50, 100, 200, 500];
const RECALL_PLACES = [100, 250, 500, 750, 900];

/**
 * @param {"roc" | "pr"} which
 * @param {CurveSide | null} own
 * @param {CurveSide | null} now
 * @param {number[]} places
 */
function curveRows(which, own, now, places) {
  /** @param {CurveSide | null} side @param {number} place */
  const read = (side, place) => {
    const value = along(placesOf(side?.[which]), place);
    return value === null ? "–" : milleShare(value);
  };
  return places.map((place) => [milleShare(place), read(own, place), read(now, place)]);
}

/** Mean score and share of the class of each side; bins are paired by their order. @param {CurveSide | null} own @param {CurveSide | null} now */
function binRows(own, now) {
  /** @param {CurveSide | null} side @param {number} bin */
  const read = (side, bin) => {
    const found = side?.bins.find(([score]) => Math.min(9, Math.floor((score - 0.5) / 100)) === bin);
    return found === undefined ? ["–", "–"] : [number(found[0] / 1000), milleShare(found[1])];
  };
  const bins = Array.from({ length: 10 }, (_, bin) => bin);
  return bins
    .map((bin) => [`${number(bin / 10)}–${number((bin + 1) / 10)}`, read(own, bin)[1] ?? "", read(own, bin)[0] ?? "", read(now, bin)[1] ?? "", read(now, bin)[0] ?? ""])
    .filter(([, ownPart, , part]) => ownPart !== "–" || part !== "–");
}

/** @param {CurveSide | null} own @param {CurveSide | null} now */
function curveTables(own, now) {
  const sides = [label("reference"), slotName(choice.slot)];
  /** @param {string} title @param {string} head @param {string[][]} rows */
  const one = (title, head, rows) =>
    el(
      "div",
      {},
      el("h4", {}, title),
      table(
        title,
        [head, ...sides],
        rows.map(([place, ...values]) =>
          el("tr", {}, el("th", { scope: "row" }, place), ...values.map((value) => el("td", {}, value))),
        ),
      ),
    );
  return el(
    "div",
    { class: "planes" },
    one(`${label("roc")}: ${label("recall")}`, label("fpr"), curveRows("roc", own, now, FPR_PLACES)),
    one(`${label("precision_recall")}: ${label("precision")}`, label("recall"), curveRows("pr", own, now, RECALL_PLACES)),
    one(
      `${label("calibration")}: ${label("share_of_class")}`,
      label("score"),
      binRows(own, now).map(([bin = "", ownPart = "", , part = ""]) => [bin, ownPart, part]),
    ),
  );
}
