// @ts-check
// What no column shows by itself: rows as wholes, and series of windows.

/** @returns {Element | null} */
function wholeSection() {
  if (page.whole.length === 0) return null;
  const isFound = (/** @type {Whole} */ one) => urgency(one.verdict) >= 2;
  const found = page.whole.filter(isFound);
  const rest = page.whole.filter((one) => !isFound(one));
  return section(
    "whole",
    label("whole"),
    label("whole_lead"),
    found.length > 0
      ? el("div", { class: "card block" }, wholeTable(found))
      : el("p", { class: "card empty" }, signIcon("ok"), label("nothing_found")),
    rest.length > 0 &&
      folded("whole", label("whole_more", { n: rest.length }), () =>
        el("div", { class: "card block" }, wholeTable(rest)),
      ),
  );
}

/** @param {Whole[]} some */
function wholeTable(some) {
  const hasColumns = some.some((one) => one.columns !== "");
  const heads = [
    "check",
    "value",
    ...(hasColumns ? ["columns"] : []),
    ...(nSlots > 1 ? ["worst_window", "windows_hit"] : []),
    "verdict",
  ].map((key) => label(key));
  return table(label("whole"), heads, some.map((one) => wholeRow(one, heads, hasColumns)), "stacked");
}

/** @param {Whole} one */
function wholeTitle(one) {
  const name = one.note === "" ? nameOf(one.name) : `${nameOf(one.name)} (${one.note})`;
  if (one.of === undefined) return name;
  const facet = one.facet === "" ? "" : ` · ${facetName(one.facet)}`;
  const column = one.column === undefined ? "" : ` · ${one.column}`;
  return `${nameOf(one.of)}${facet}${column} · ${name}`;
}

/** Checks whose values are shares of rows. */
const SHARES = ["duplicate_rows", "duplicate_ids", "serving_skew", "ecod", "isolation_forest", "mahalanobis"];

/** @param {Whole} one */
function wholeValue(one) {
  if (one.v === null) return one.why === null ? "–" : (texts().reasons[one.why] ?? "–");
  const format = SHARES.includes(one.name) ? share : (/** @type {number | null} */ x) => number(x, 3);
  const limit = one.limit === null ? "" : ` · ${label("limit_is", { limit: format(one.limit) })}`;
  const interval = one.lo === null || one.hi === null ? "" : ` (${format(one.lo)}–${format(one.hi)})`;
  return `${format(one.v)}${interval}${limit}`;
}

/** @param {Whole} one @param {string[]} heads @param {boolean} hasColumns */
function wholeRow(one, heads, hasColumns) {
  const { verdict } = one;
  const where = one.slot === null ? label("all_windows") : slotName(one.slot);
  /** @type {Child[]} */
  const cells = [
    wholeValue(one),
    ...(hasColumns ? [one.columns === "" ? "–" : one.columns] : []),
    ...(nSlots > 1 ? [where, one.slot === null ? "–" : `${one.n_hit} / ${one.n}`] : []),
    verdict === null ? el("span", { class: "quiet" }, label("not_decided")) : badge(verdict),
  ];
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, wholeTitle(one)),
    ...cells.map((cell, idx) => el("td", { "data-head": heads[idx + 1] ?? "" }, cell)),
  );
}
