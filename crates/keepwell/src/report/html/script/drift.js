// @ts-check
// How far each column moved, by window.

/** From more slots on than these, cells are too narrow for signs: height tells verdicts apart. */
const TIGHT = 60;

/** @param {Column} column */
function decidingTest(column) {
  const first = column.tests[0];
  return first?.kind === "drift" ? first : undefined;
}

/** The scope of the map: drift may have been judged on all rows only. */
function driftScope() {
  return page.columns.some((column) => column.heat.some(([scope]) => scope === choice.scope))
    ? choice.scope
    : 0;
}

/**
 * The deciding test of a column in the scope of the map.
 * @param {Column} column
 * @returns {{v: Values, d: Marks, track: Track | null} | null}
 */
function heatOf(column) {
  const wanted = driftScope();
  if (wanted === 0) {
    const test = decidingTest(column);
    return test === undefined ? null : { v: test.v, d: test.d, track: test };
  }
  const found = column.heat.find(([scope]) => scope === wanted);
  return found === undefined ? null : { v: found[1], d: found[2], track: null };
}

/** @returns {Element | null} */
function driftSection() {
  if (page.columns.length === 0) return null;
  const hasScopes = page.columns.some((column) => column.heat.length > 0);
  const find = el("input", {
    type: "search",
    value: choice.find,
    "data-key": "find",
    "aria-label": label("find_column"),
    placeholder: label("find_column"),
    input: (/** @type {{target: HTMLInputElement}} */ event) => {
      choice.find = event.target.value;
      refill();
    },
  });
  const place = el("div");
  const refill = () => place.replaceChildren(heatTable());
  refill();
  const note = choice.scope !== driftScope() ? el("p", { class: "small" }, label("drift_all_rows")) : null;
  return section(
    "drift",
    label("drift"),
    label("drift_lead"),
    el(
      "div",
      { class: "controls" },
      hasScopes && scopeSelect("drift-scope"),
      page.columns.length > 12 && find,
    ),
    heatLegend(),
    note,
    place,
    el("div", { id: "column" }, columnDetail(choice.column, choice.slot)),
  );
}

function heatLegend() {
  /** @param {string} name @param {string} text */
  const entry = (name, text) =>
    el("span", {}, el("i", { class: `key heat-key ${name}`, "aria-hidden": true }), text);
  return el(
    "p",
    { class: "legend" },
    entry("cold", label("heat_small")),
    entry("warm", label("heat_near")),
    el("span", {}, el("i", { class: "key heat-key warning" }, plainSign("warning")), nameOf("warning")),
    el("span", {}, el("i", { class: "key heat-key alert" }, plainSign("alert")), nameOf("alert")),
    entry("undefined", nameOf("undefined")),
    page.columns.some((column) =>
      column.tests.some((test) => test.kind === "quality" && urgency(worstOf(test.d)) >= 2),
    ) && entry("fault-key", label("fault_mark")),
  );
}

/** @param {Verdict} verdict */
function plainSign(verdict) {
  return svg("svg", { viewBox: "0 0 10 10", class: "icon", "aria-hidden": true }, sign(verdict));
}

function heatTable() {
  const wanted = choice.find.trim().toLowerCase();
  const found = page.columns
    .map((column, idx) => ({ column, idx }))
    .filter(({ column }) => wanted === "" || column.name.toLowerCase().includes(wanted));
  if (found.length === 0) return el("p", { class: "card empty" }, label("no_column_found"));
  const body = el("tbody");
  const more = paged(`heat:${wanted}`, found, nSlots > TIGHT ? 12 : 40, body, ({ column, idx }) =>
    heatRow(column, idx),
  );
  const every = nSlots > TIGHT ? Math.ceil(nSlots / 30) : 1;
  const heads = texts().slots.map((name, slot) =>
    el(
      "th",
      { scope: "col", class: slot === choice.slot && nSlots > 1 ? "chosen" : null },
      el("span", { class: slot % every === 0 ? null : "unseen" }, nSlots > 1 ? name : slotName(slot)),
    ),
  );
  const form = nSlots > TIGHT ? "dense tight" : nSlots > 14 ? "dense" : nSlots === 1 ? "lone" : "";
  const whole = el(
    "table",
    {
      class: `heat ${form}`,
      keydown: walkHeat,
      pointerover: cellTip,
      pointerleave: hideTip,
      focusin: cellTip,
      focusout: hideTip,
      click: (/** @type {Event} */ event) => {
        const found = cellOf(event);
        if (found !== null) chooseColumn(found.column, found.slot);
      },
    },
    el("caption", { class: "unseen" }, label("heat_caption")),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col" }, label("column")),
        ...heads,
        nSlots === 1 && el("th", { scope: "col", class: "bars" }, label("size_to_limit")),
      ),
    ),
    body,
  );
  return el("div", { class: "card block map" }, el("div", { class: "scroll" }, whole), more);
}

/** @param {Column} column @param {number} idx */
function heatRow(column, idx) {
  const heat = heatOf(column);
  const limit = column.tests[0]?.limit ?? null;
  const faults = column.tests.filter((test) => test.kind === "quality");
  const cells = Array.from({ length: nSlots }, (_, slot) => heatCell(column, idx, slot, heat, limit, faults));
  if (nSlots === 1) cells.push(el("td", { class: "bars" }, sizeBar(heat, limit)));
  return el(
    "tr",
    { class: idx === choice.column ? "chosen" : null },
    el(
      "th",
      { scope: "row" },
      el(
        "button",
        {
          type: "button",
          class: "link",
          title: column.name,
          "aria-pressed": String(idx === choice.column),
          "data-key": `column:${idx}`,
          click: () => chooseColumn(idx, choice.slot),
        },
        shortened(column.name, 32),
      ),
      el("small", {}, column.role === "feature" ? nameOf(column.kind) : nameOf(column.role)),
    ),
    ...cells,
  );
}

/**
 * The size as a bar up to three times the limit, which a line marks.
 * @param {{v: Values, d: Marks} | null} heat
 * @param {number | null} limit
 */
function sizeBar(heat, limit) {
  const value = heat === null ? null : at(heat.v, 0);
  if (value === null || limit === null || limit <= 0) return null;
  const bar = el(
    "span",
    { class: `size ${verdictAt(heat?.d ?? "", 0) ?? ""}`, "aria-hidden": true },
    el("i"),
  );
  bar.style.setProperty("--size", Math.min(1, value / limit / 3).toFixed(3));
  return bar;
}

/**
 * @param {Column} column
 * @param {number} idx
 * @param {number} slot
 * @param {{v: Values, d: Marks, track: Track | null} | null} heat
 * @param {number | null} limit
 * @param {Test[]} faults
 */
function heatCell(column, idx, slot, heat, limit, faults) {
  const value = heat === null ? null : at(heat.v, slot);
  const verdict = heat === null ? null : verdictAt(heat.d, slot);
  const fault = driftScope() === 0 ? faults.find((test) => urgency(verdictAt(test.d, slot)) >= 2) : undefined;
  const why = heat?.track ? whyNot(heat.track, slot) : null;
  const isNamed = verdict === "alert" || verdict === "warning";
  const said = [
    column.name,
    texts().slots[slot],
    value === null ? `${label("undefined")}${why === null ? "" : `: ${why}`}` : number(value),
    verdict !== null && verdict !== "undefined" ? nameOf(verdict) : "",
    fault === undefined ? "" : nameOf(fault.name),
  ].filter((part) => part !== "");
  const button = el(
    "button",
    {
      type: "button",
      class: `cell ${verdict ?? "none"}`,
      tabindex: idx === choice.column && slot === choice.slot ? 0 : -1,
      "aria-label": said.join(", "),
      "data-key": `cell:${idx}:${slot}`,
    },
    isNamed && nSlots <= TIGHT ? plainSign(verdict) : null,
    nSlots <= 14 ? el("span", {}, value === null ? "–" : number(value, 2)) : null,
    fault !== undefined ? el("i", { class: "fault", "aria-hidden": true }) : null,
  );
  const nearness = value === null || limit === null || limit <= 0 ? 0 : Math.min(1, value / limit);
  button.style.setProperty("--near", nearness.toFixed(2));
  return el("td", {}, button);
}

/** The cell under an event. @param {Event} event */
function cellOf(event) {
  const cell = event.target instanceof Element ? event.target.closest("button.cell") : null;
  const [, column, slot] =
    cell instanceof HTMLElement ? (cell.dataset["key"] ?? "").split(":").map(Number) : [];
  return cell === null || column === undefined || slot === undefined ? null : { cell, column, slot };
}

/** @param {Event} event */
function cellTip(event) {
  const found = cellOf(event);
  const column = page.columns[found?.column ?? -1];
  if (found === null || column === undefined) return hideTip();
  const { cell, slot } = found;
  const heat = heatOf(column);
  const faults = column.tests.filter((test) => test.kind === "quality");
  /** @type {Array<[string, string] | string>} */
  const lines = [];
  if (heat !== null) {
    const value = at(heat.v, slot);
    const why = heat.track ? whyNot(heat.track, slot) : null;
    const verdict = verdictAt(heat.d, slot);
    const name = nameOf(column.tests[0]?.name ?? "");
    lines.push(value === null ? `${label("undefined")}: ${why ?? ""}` : [name, number(value)]);
    const q = heat.track ? at(heat.track.q, slot) : null;
    if (q !== null) lines.push([label("p_corrected"), pValue(q)]);
    if (verdict !== null) lines.push([label("verdict"), nameOf(verdict)]);
  }
  for (const test of driftScope() === 0 ? faults : []) {
    const verdict = verdictAt(test.d, slot);
    if (verdict !== null && urgency(verdict) >= 2)
      lines.push([nameOf(test.name), `${testValue(test, slot)} · ${nameOf(verdict)}`]);
  }
  const rows = at(page.scopes[driftScope()]?.rows, slot);
  if (rows !== null) lines.push([label("rows"), count(rows)]);
  const box = cell.getBoundingClientRect();
  showTip(
    tipLines(`${shortened(column.name, 40)} · ${slotName(slot)}`, lines),
    box.left + box.width / 2,
    box.top,
  );
}

/** Arrow keys move over the map. @param {KeyboardEvent} event */
function walkHeat(event) {
  const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
  const cell = /** @type {Element} */ (event.target).closest("td");
  const row = cell?.closest("tr");
  if (step === undefined || !cell || !row) return;
  event.preventDefault();
  const rows = [...(row.parentElement?.children ?? [])];
  const next = rows[rows.indexOf(row) + (step[0] ?? 0)];
  const target =
    next?.children[[...row.children].indexOf(cell) + (step[1] ?? 0)]?.querySelector("button.cell");
  if (target instanceof HTMLElement) target.focus();
}

/** @param {number} column @param {number} slot */
function chooseColumn(column, slot) {
  choose({ column, slot });
  const place = document.getElementById("column");
  const box = place?.getBoundingClientRect();
  if (box && (box.top > innerHeight * 0.75 || box.bottom < 80)) {
    place?.scrollIntoView({ behavior: reducedMotion() ? "auto" : "smooth", block: "start" });
  }
}
