// @ts-check
// The bar at the top, and the answer in short.

const SECTIONS = ["findings", "performance", "groups", "estimates", "drift", "whole", "quality", "details"];

/** @param {string[]} present ids of the sections that are there */
function topBar(present) {
  return el(
    "header",
    { class: "top" },
    el(
      "a",
      { class: "brand", href: "#summary", click: (/** @type {Event} */ event) => jump(event, "summary") },
      logo(),
      "Keepwell",
    ),
    el(
      "nav",
      { "aria-label": label("sections") },
      ...present.map((id) =>
        el("a", { href: `#${id}`, click: (/** @type {Event} */ event) => jump(event, id) }, label(id)),
      ),
    ),
    el(
      "div",
      { class: "settings" },
      segmented(
        label("language"),
        [
          ["en", "EN"],
          ["zh-CN", "中文"],
        ],
        choice.lang,
        (lang) => choose({ lang: lang === "en" ? "en" : "zh-CN" }),
      ),
      themeButton(),
    ),
  );
}

function logo() {
  return svg(
    "svg",
    { viewBox: "0 0 20 20", class: "logo", "aria-hidden": true },
    svg("rect", { x: 0, y: 0, width: 20, height: 20, rx: 5 }),
    svg("path", { d: "M3.5 11.5 H7 L9 6 L12 14.5 L13.7 10 H16.5" }),
  );
}

function themeButton() {
  const isDark = document.documentElement.dataset["theme"] === "dark";
  const name = label(isDark ? "light_mode" : "dark_mode");
  return el(
    "button",
    {
      type: "button",
      class: "theme",
      "aria-label": name,
      title: name,
      "data-key": "theme",
      click: () => choose({ theme: isDark ? "light" : "dark" }),
    },
    svg(
      "svg",
      { viewBox: "0 0 16 16", "aria-hidden": true },
      svg("circle", { cx: 8, cy: 8, r: 6.2 }),
      svg("path", { d: "M8 1.8 A6.2 6.2 0 0 1 8 14.2 Z" }),
    ),
  );
}

/** Goes to a section; the address keeps the choice. @param {Event} event @param {string} id */
function jump(event, id) {
  event.preventDefault();
  document.getElementById(id)?.scrollIntoView({ behavior: reducedMotion() ? "auto" : "smooth" });
  document.getElementById(`${id}-title`)?.focus({ preventScroll: true });
}

function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function summarySection() {
  const { task, positive, model, verdict } = page;
  const kind = [
    task === null ? label("data_only") : nameOf(task),
    positive !== null && task === "binary" && label("positive_is", { name: positive }),
  ];
  const isUndecided = page.decisions === 0;
  const [main, ...rest] = texts().headline.split(/[;；]\s*/);
  return el(
    "section",
    { id: "summary", "aria-labelledby": "summary-title" },
    el("p", { class: "eyebrow" }, kind.filter((part) => part !== false).join(" · ")),
    el("h1", { id: "summary-title", tabindex: -1 }, model),
    el(
      "p",
      { class: `headline ${isUndecided ? "undefined" : verdict}` },
      signIcon(isUndecided ? "undefined" : verdict),
      el("strong", {}, main),
      rest.length > 0 && el("span", {}, rest.join(" · ")),
    ),
    el("div", { class: "facts" }, sideCard("reference"), sideCard("current"), timeline()),
    el("p", { class: "rule" }, texts().rule, page.is_approximate && ` ${label("approximate")}`),
    omittedNote(),
  );
}

/** @param {"reference" | "current"} which */
function sideCard(which) {
  const side = page[which];
  const hidden = side.n_files - side.files.length;
  return el(
    "div",
    { class: `card side ${which}` },
    el("h2", {}, el("i", { class: `swatch ${which}`, "aria-hidden": true }), label(which)),
    el("p", { class: "big" }, count(side.rows), " ", el("small", {}, label("rows_n", { n: side.rows }))),
    texts().ranges[which] !== "" && el("p", {}, texts().ranges[which]),
    which === "current" && texts().windows !== "" && el("p", {}, texts().windows),
    el(
      "p",
      { class: "files" },
      ...side.files.map((file) => el("code", {}, file)),
      hidden > 0 && label("and_more", { n: hidden }),
    ),
  );
}

/** @typedef {{alert: number, warning: number, isJudged: boolean}} SlotCount */

/** Warnings and alerts of all rows by slot. @returns {SlotCount[]} */
function countSlots() {
  const counts = Array.from({ length: nSlots }, () => ({ alert: 0, warning: 0, isJudged: false }));
  const tests = page.columns.flatMap((column) => column.tests);
  for (const track of [...page.metrics.filter((metric) => metric.scope === 0), ...tests]) {
    // A type, for example, can be told without a single row.
    const isFirm = "kind" in track && track.kind === "quality";
    counts.forEach((both, slot) => {
      const verdict = verdictAt(track.d, slot);
      if (verdict === "alert" || verdict === "warning") both[verdict] += 1;
      if (urgency(verdict) >= 2 || (verdict === "ok" && !isFirm)) both.isJudged = true;
    });
  }
  return counts;
}

/** @param {SlotCount | undefined} both @returns {Array<[string, string]>} */
function countLines(both) {
  if (!both?.isJudged) return [[label("verdict"), nameOf("undefined")]];
  return [
    [nameOf("alert"), String(both.alert)],
    [nameOf("warning"), String(both.warning)],
  ];
}

/** Since when something is wrong. */
function timeline() {
  if (nSlots < 2) return null;
  const counts = countSlots();
  const [width, height, bottom] = [360, 112, 90];
  const highest = Math.max(1, ...counts.map((both) => both.alert + both.warning));
  const step = width / nSlots;
  /** @param {number} slot */
  const x = (slot) => step * (slot + 0.5);
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img" });
  counts.forEach((both, slot) => {
    const wide = nSlots > TIGHT ? step : step * 0.72;
    const across = { x: x(slot) - wide / 2, width: wide };
    const alert = ((bottom - 16) * both.alert) / highest;
    const warning = ((bottom - 16) * both.warning) / highest;
    const top = bottom - alert - warning;
    const sum = both.isJudged ? both.alert + both.warning : "–";
    chart.append(
      svg("rect", { class: "bar-alert", ...across, y: bottom - alert, height: alert }),
      svg("rect", { class: "bar-warning", ...across, y: top, height: warning }),
      svg(
        "text",
        { class: "axis", x: x(slot), y: top - 4, "text-anchor": "middle" },
        nSlots <= 24 ? sum : "",
      ),
    );
  });
  chart.append(svg("line", { class: "base", x1: 0, x2: width, y1: bottom, y2: bottom }));
  const pad = { left: 0, right: 0, top: 0, bottom: 0 };
  drawSlots(chart, { x, y: () => 0, pad, width, height, step }, false);
  const said = counts.map((both, slot) => {
    const lines = countLines(both).map((pair) => pair.join(" "));
    return `${texts().slots[slot]}: ${lines.join(", ")}`;
  });
  chart.setAttribute("aria-label", said.join("; "));
  walkable(chart, {
    x: counts.map((_, slot) => x(slot)),
    y: 8,
    lines: (slot) => tipLines(texts().slots[slot] ?? "", countLines(counts[slot])),
    pick: (slot) => choose({ slot }),
  });
  chart.dataset["key"] = "timeline";
  return el("div", { class: "card when" }, el("h2", {}, label("by_window")), chart);
}

/** What was left out to keep the file small. */
function omittedNote() {
  const parts = Object.entries(page.omitted)
    .filter(([, n]) => n > 0)
    .map(([key, n]) => label(`omitted_${key}`, { n: count(n) }));
  if (parts.length === 0) return null;
  return el("p", { class: "note", role: "note" }, label("omitted", { list: parts.join(label("comma")) }));
}
