// @ts-check
// Groups that are to be treated alike, and metrics that are expected without targets.

/** @returns {Element | null} */
function groupsSection() {
  if (page.fairness.length === 0) return null;
  const { slot } = choice;
  const picker = slotSelect();
  picker?.querySelector("select")?.setAttribute("data-key", "groups-window");
  const rank = (/** @type {Fairness} */ measure) => urgency(verdictAt(measure.d, slot));
  const rows = [...page.fairness].sort((left, right) => rank(right) - rank(left)).map(groupsRow);
  const heads = ["measure", "column", "value", "lowest", "highest", "verdict"].map((key) => label(key));
  const charts = page.fairness.filter((measure) => measure.limit !== null).map(groupsChart);
  return section(
    "groups",
    label("groups"),
    label("groups_lead"),
    picker !== null && el("div", { class: "controls" }, picker),
    el("div", { class: "card block" }, table(`${label("groups")}, ${slotName(slot)}`, heads, rows, "groups stacked")),
    nSlots > 1 && el("div", { class: "multiples" }, ...charts),
  );
}

/** @param {Fairness} measure */
function groupsRow(measure) {
  const { slot } = choice;
  const verdict = verdictAt(measure.d, slot);
  const why = whyNot(measure, slot);
  const [least, greatest] = measure.groups[slot] ?? [null, null];
  const named = (/** @type {string | null} */ group) => (group === null ? "–" : el("code", {}, group));
  /** @param {string} key @param {Child} child */
  const cell = (key, child) => el("td", { "data-head": label(key) }, child);
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, nameOf(measure.name)),
    cell("column", el("code", {}, measure.column)),
    cell("value", at(measure.v, slot) === null ? (why ?? "–") : estimate(measure, slot)),
    cell("lowest", named(least)),
    cell("highest", named(greatest)),
    cell("verdict", verdict === null ? el("span", { class: "quiet" }, label("not_decided")) : badge(verdict)),
  );
}

/** @param {Fairness} measure @returns {LineSpec} */
function groupsSpec(measure) {
  return {
    track: measure,
    title: nameOf(measure.name),
    scope: 0,
    format: (x) => number(x, 3),
    // The limit is a distance from where all are alike.
    limit: measure.parity === 0 ? measure.limit : null,
  };
}

/** @param {Fairness} measure */
function groupsChart(measure) {
  return el(
    "figure",
    { class: "card metric" },
    el(
      "figcaption",
      {},
      el("h3", {}, nameOf(measure.name), " · ", el("code", {}, measure.column)),
      el("p", { class: "small" }, label("alike_at", { n: number(measure.parity) })),
    ),
    lineChart(groupsSpec(measure)),
  );
}

/** @returns {Element | null} */
function estimatesSection() {
  if (page.estimates.length === 0) return null;
  const cards = page.estimates.map((metric) => {
    const slots = Array.from({ length: nSlots }, (_, slot) => slot);
    const known = slots.filter((slot) => at(metric.v, slot) !== null);
    const slot = known.includes(choice.slot) ? choice.slot : (known.at(-1) ?? choice.slot);
    return metricCard(metric, slot);
  });
  return section(
    "estimates",
    label("estimates"),
    label("estimates_lead"),
    el("div", { class: "multiples" }, ...cards),
  );
}
