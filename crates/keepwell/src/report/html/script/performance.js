// @ts-check
// How well the model does, over time and by segment.

/** @param {Metric} metric */
function metricTitle(metric) {
  const name = metric.note === undefined ? nameOf(metric.name) : `${nameOf(metric.name)} (${metric.note})`;
  if (metric.by !== undefined) return `${name} · ${nameOf(metric.by)}`;
  if (metric.facet !== "") return `${name} · ${facetName(metric.facet)}`;
  return metric.is_macro ? `${name} · ${facetName("average=macro")}` : name;
}

/** @param {Metric} metric @returns {LineSpec} */
function metricSpec(metric) {
  const known = Array.isArray(metric.v) ? metric.v : [metric.v];
  const isShare = known.every((value) => value === null || (value >= 0 && value <= 1)) && metric.better >= 0;
  return {
    track: metric,
    own: metric.own,
    title: metricTitle(metric),
    scope: metric.scope,
    format: (x) => number(x, 3),
    isShare,
  };
}

/** @returns {Element | null} */
function performanceSection() {
  if (page.metrics.length === 0) return null;
  const shown = page.metrics.filter(
    (metric) => metric.scope === choice.scope && metric.facet === choice.facet,
  );
  const decided = shown.filter((metric) => metric.is_decided);
  // Where nothing is decided on there is nothing to put behind.
  const first = decided.length > 0 ? decided : shown;
  const rest = shown.filter((metric) => !first.includes(metric));
  return section(
    "performance",
    label("performance"),
    label("performance_lead"),
    el("div", { class: "controls" }, scopeSelect("scope"), facetSelect(), slotSelect()),
    legend(),
    shown.length > 0
      ? el("div", { class: "multiples" }, ...first.map((metric) => metricCard(metric, choice.slot)))
      : el("p", { class: "card empty" }, label("no_metrics_here")),
    rest.length > 0 &&
      folded("metrics", label("more_metrics", { n: rest.length }), () =>
        el("div", { class: "multiples" }, ...rest.map((metric) => metricCard(metric, choice.slot))),
      ),
    segmentTable(),
    confusionPair(),
    curvesCard(),
  );
}

/** @param {string} key */
function scopeSelect(key) {
  if (page.scopes.length < 2) return null;
  /** @type {Map<string, Array<[string, string]>>} */
  const groups = new Map([["", [["0", label("all_rows")]]]]);
  page.scopes.forEach(({ name }, idx) => {
    if (idx === 0) return;
    const group = name.segment === null ? label("versions") : name.segment[0];
    const known = groups.get(group) ?? [];
    known.push([String(idx), scopeName(idx)]);
    groups.set(group, known);
  });
  const picker = select(label("segment"), [...groups], String(choice.scope), (value) =>
    choose({ scope: Number(value) }),
  );
  picker.querySelector("select")?.setAttribute("data-key", key);
  return picker;
}

function facetSelect() {
  const facets = [...new Set(page.metrics.map((metric) => metric.facet))];
  if (facets.length < 2) return null;
  const order = [
    "",
    ...facets.filter((facet) => facet.startsWith("average=")),
    ...facets.filter((facet) => facet.startsWith("class=")),
  ];
  return select(
    label("reading"),
    [["", order.map((facet) => [facet, facetName(facet)])]],
    choice.facet,
    (facet) => choose({ facet }),
  );
}

function slotSelect() {
  if (nSlots < 2) return null;
  return select(
    label("window"),
    [["", texts().slots.map((name, slot) => [String(slot), name])]],
    String(choice.slot),
    (value) => choose({ slot: Number(value) }),
  );
}

function legend() {
  const isTime = nSlots > 1;
  /** @param {string} name @param {string} text */
  const entry = (name, text) => el("span", {}, el("i", { class: `key ${name}`, "aria-hidden": true }), text);
  return el(
    "p",
    { class: "legend" },
    entry("line-key", label("interval_95")),
    entry("own-key", label("reference_interval")),
    el("span", {}, signIcon("alert"), nameOf("alert")),
    el("span", {}, signIcon("warning"), nameOf("warning")),
    isTime &&
      page.scopes.some((scope) => scope.provisional.includes("1")) &&
      entry("provisional-key", label("provisional")),
  );
}

/** @param {Metric} metric @param {number} slot */
function metricCard(metric, slot) {
  const verdict = verdictAt(metric.d, slot);
  const why = whyNot(metric, slot);
  const constant = at(metric.constant, slot);
  return el(
    "figure",
    { class: "card metric" },
    el(
      "figcaption",
      {},
      el("h3", {}, metricTitle(metric)),
      el(
        "p",
        { class: "reading" },
        el("b", {}, inShort(at(metric.v, slot))),
        change(metric, slot),
        verdict !== null && verdict !== "ok" && signIcon(verdict),
      ),
      el(
        "p",
        { class: "small" },
        why ?? `${slotName(slot)} · ${label("reference")} ${ownEstimate(metric.own)}`,
        constant !== null && el("span", { class: "constant" }, label("constant_is", { n: inShort(constant) })),
      ),
    ),
    trackChart(metricSpec(metric)),
  );
}

/** The difference to the reference; coloured only where there is a verdict, as chance makes differences too. @param {Metric} metric @param {number} slot */
function change(metric, slot) {
  const value = at(metric.v, slot);
  if (value === null || metric.own === null || "why" in metric.own) return null;
  const rise = value - metric.own.v;
  const text = fixed(Math.abs(rise), Math.min(shortDecimals(value), shortDecimals(rise)));
  const isWorse = urgency(verdictAt(metric.d, slot)) >= 2;
  return el(
    "span",
    { class: isWorse ? "change worse" : "change" },
    Number(text) === 0 ? "±0" : `${rise > 0 ? "+" : "−"}${text}`,
  );
}

/** Metrics by segment in the chosen slot, worst first. */
function segmentTable() {
  const scopes = page.scopes.map((scope, idx) => ({ scope, idx })).filter(({ idx }) => idx > 0);
  const names = [
    ...new Set(
      page.metrics
        .filter((metric) => metric.facet === choice.facet && metric.is_decided)
        .map((metric) => metric.name),
    ),
  ];
  if (scopes.length === 0 || names.length === 0) return null;
  const { slot } = choice;
  const rows = scopes
    .map(({ scope, idx }) => {
      const metrics = names.map((name) =>
        page.metrics.find(
          (metric) => metric.name === name && metric.scope === idx && metric.facet === choice.facet,
        ),
      );
      // What was not judged comes last: with few rows chance alone makes large differences.
      const rank = { alert: 3, warning: 2, ok: 1, undefined: 0 };
      const worst = Math.max(
        ...metrics.map((metric) => (metric ? rank[verdictAt(metric.d, slot) ?? "undefined"] : 0)),
      );
      const loss = Math.max(...metrics.map((metric) => (metric ? lossOf(metric, slot) : 0)));
      return { scope, idx, metrics, worst, loss };
    })
    .filter(({ metrics }) => metrics.some((metric) => metric !== undefined))
    .sort((left, right) => right.worst - left.worst || right.loss - left.loss);
  const body = el("tbody");
  const more = paged("segments", rows, 12, body, (entry) => segmentRow(entry));
  const caption = label("by_segment", { window: slotName(slot) });
  const whole = table(caption, [label("segment"), label("rows"), ...names.map(nameOf)], [], "segments");
  whole.querySelector("tbody")?.replaceWith(body);
  return el("div", { class: "card block" }, el("h3", {}, caption), whole, more);
}

/** @param {Metric} metric @param {number} slot */
function lossOf(metric, slot) {
  const value = at(metric.v, slot);
  if (value === null || metric.own === null || "why" in metric.own) return 0;
  const loss = (metric.own.v - value) * metric.better;
  return metric.better < 0 && metric.own.v > 0 ? loss / metric.own.v : loss;
}

/** @param {{scope: Scope, idx: number, metrics: Array<Metric | undefined>}} entry */
function segmentRow({ scope, idx, metrics }) {
  const { slot } = choice;
  const cells = metrics.map((metric, position) => {
    if (metric === undefined) return el("td", {}, "–");
    const verdict = verdictAt(metric.d, slot);
    const why = whyNot(metric, slot);
    if (why !== null && at(metric.v, slot) === null)
      return el("td", { class: "gap", title: why }, "–", position === 0 && el("small", {}, why));
    return el(
      "td",
      {
        class: verdict ?? "",
        title: [why, `${label("reference")}: ${ownEstimate(metric.own)}`]
          .filter((part) => part !== null)
          .join("; "),
      },
      (verdict === "alert" || verdict === "warning") && signIcon(verdict),
      inShort(at(metric.v, slot)),
      el("small", {}, change(metric, slot)),
    );
  });
  const go = () => choose({ scope: choice.scope === idx ? 0 : idx });
  return el(
    "tr",
    { class: choice.scope === idx ? "chosen" : null },
    el(
      "th",
      { scope: "row" },
      el(
        "button",
        {
          type: "button",
          class: "link",
          "aria-pressed": String(choice.scope === idx),
          "data-key": `segment:${idx}`,
          click: go,
          title: scopeName(idx),
        },
        shortened(scopeName(idx), 36),
      ),
    ),
    el("td", {}, count(at(scope.rows, slot))),
    ...cells,
  );
}
