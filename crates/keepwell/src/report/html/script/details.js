// @ts-check
// Quality of the data, what was not judged, and the facts of the run.

/** @returns {Element | null} */
function qualitySection() {
  const all = page.columns.flatMap((column, idx) =>
    column.tests.filter((test) => test.kind === "quality").map((test) => ({ column, idx, test })),
  );
  if (all.length === 0) return null;
  const bad = all
    .filter(({ test }) => urgency(worstOf(test.d)) >= 2)
    .sort((left, right) => urgency(worstOf(right.test.d)) - urgency(worstOf(left.test.d)));
  const clean = new Set(all.map(({ idx }) => idx));
  bad.forEach(({ idx }) => clean.delete(idx));
  const body = el("tbody");
  const more = paged("quality", bad, 30, body, faultRow);
  const heads = [
    "column",
    "check",
    nSlots > 1 ? "worst_value" : "value",
    ...(nSlots > 1 ? ["worst_window", "windows_hit"] : []),
    "verdict",
  ].map((key) => label(key));
  const whole = table(label("quality"), heads, [], "faults");
  whole.querySelector("tbody")?.replaceWith(body);
  const quiet = el(
    "p",
    { class: "small quiet-line" },
    signIcon("ok"),
    label("columns_without_fault", { n: clean.size, of: new Set(all.map(({ idx }) => idx)).size }),
  );
  return section(
    "quality",
    label("quality"),
    label("quality_lead"),
    el("div", { class: "card block" }, bad.length > 0 && whole, more, quiet),
  );
}

/** @param {{column: Column, idx: number, test: Test}} fault */
function faultRow({ column, idx, test }) {
  const slots = Array.from({ length: nSlots }, (_, slot) => slot);
  const hit = slots.filter((slot) => urgency(verdictAt(test.d, slot)) >= 2);
  const worst = hit.reduce((best, slot) => {
    const better =
      urgency(verdictAt(test.d, slot)) - urgency(verdictAt(test.d, best)) ||
      (at(test.v, slot) ?? 0) - (at(test.v, best) ?? 0);
    return better > 0 ? slot : best;
  }, hit[0] ?? 0);
  const go = (/** @type {Event} */ event) => {
    choose({ column: idx, slot: worst });
    jump(event, "column");
  };
  const verdict = verdictAt(test.d, worst);
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      el("button", { type: "button", class: "link", click: go }, shortened(column.name, 40)),
    ),
    el("td", {}, nameOf(test.name)),
    el("td", {}, testValue(test, worst)),
    ...(nSlots > 1 ? [el("td", {}, slotName(worst)), el("td", {}, `${hit.length} / ${nSlots}`)] : []),
    el("td", {}, verdict !== null && badge(verdict)),
  );
}

/** @returns {Element} */
function detailsSection() {
  return section("details", label("details"), "", notComputed(), runFacts());
}

function notComputed() {
  if (page.not_computed.length === 0) return null;
  const rows = page.not_computed.map(({ columns, metrics, n_columns, n }, idx) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, texts().gaps[idx]),
      el(
        "td",
        {},
        metrics.map((name) => nameOf(name)).join(label("comma")),
        metrics.length > 0 && columns.length > 0 && label("comma"),
        ...codes(columns, n_columns),
      ),
      nSlots > 1 && el("td", {}, `${n} / ${nSlots}`),
    ),
  );
  const heads = ["reason", "concerns", ...(nSlots > 1 ? ["windows_hit"] : [])].map((key) => label(key));
  const whole = table(label("not_computed"), heads, rows, "gaps");
  return el(
    "div",
    { class: "card block" },
    el("h3", {}, label("not_computed")),
    el("p", { class: "small" }, label("not_computed_lead")),
    whole,
  );
}

function runFacts() {
  /** @type {Array<[string, Child[]]>} */
  const facts = [
    [label("model"), [page.model]],
    [label("task"), [page.task === null ? label("data_only") : nameOf(page.task)]],
  ];
  if (page.positive !== null) facts.push([label("positive"), [el("code", {}, page.positive)]]);
  for (const [role, columns, n] of page.roles) facts.push([nameOf(role), codes(columns, n)]);
  if (page.guesses.length > 0) {
    facts.push([
      label("guessed"),
      page.guesses.flatMap(([role, column], idx) => [
        idx > 0 && label("comma"),
        `${nameOf(role)} = `,
        el("code", {}, column),
      ]),
    ]);
  }
  if (page.versions.length > 0) facts.push([label("versions"), codes(page.versions, page.versions.length)]);
  for (const { column, values, n_other } of page.segments) {
    facts.push([
      label("segments_of", { column }),
      [...codes(values, values.length), n_other > 0 && ` ${label("others_together", { n: count(n_other) })}`],
    ]);
  }
  facts.push([label("rule"), [texts().rule]]);
  facts.push([label("decisions"), [count(page.decisions)]]);
  for (const note of texts().notes) facts.push([label("note"), phrase(note)]);
  facts.push([label("made_by"), [`Keepwell ${page.keepwell}`]]);
  return el(
    "div",
    { class: "card block" },
    el("h3", {}, label("run_facts")),
    el("dl", {}, ...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, ...value)])),
    el("p", { class: "small" }, label("json_has_all")),
  );
}

/** @param {string[]} names @param {number} n how many there are @returns {Child[]} */
function codes(names, n) {
  /** @type {Child[]} */
  const shown = names.flatMap((name) => [el("code", {}, name), " "]);
  if (n > names.length) shown.push(label("and_more", { n: n - names.length }));
  return shown;
}
