// @ts-check
// What to read first, with a small picture of each.

/** @returns {Element} */
function findingsSection() {
  if (page.findings.length === 0) {
    const isUndecided = page.decisions === 0;
    return section(
      "findings",
      label("findings"),
      "",
      el(
        "div",
        { class: "card empty" },
        signIcon(isUndecided ? "undefined" : "ok"),
        el("p", {}, label(isUndecided ? "nothing_decided" : "nothing_found")),
      ),
    );
  }
  const indexed = page.findings.map((finding, idx) => ({ finding, idx }));
  const [whole, parts] = [
    indexed.filter(({ finding }) => finding.scope === 0),
    indexed.filter(({ finding }) => finding.scope > 0),
  ];
  /** @param {string} key @param {typeof indexed} some @param {number} first */
  const list = (key, some, first) => {
    const cards = el("ol", { class: `findings ${key}` });
    const more = paged(`findings-${key}`, some, first, cards, ({ finding, idx }) =>
      findingCard(finding, idx),
    );
    return some.length > 0 ? [cards, more] : [];
  };
  return section(
    "findings",
    label("findings"),
    label("findings_lead"),
    ...list("whole", whole, 10),
    parts.length > 0 && el("h3", { class: "subtitle" }, label("findings_parts", { n: parts.length })),
    ...list("parts", parts, 6),
  );
}

/** @param {Finding} finding @param {number} idx */
function findingCard(finding, idx) {
  const told = texts().findings[idx] ?? [];
  const [first, ...rest] = told;
  const scope = page.scopes[finding.scope]?.name;
  const isPart = scope?.version != null || scope?.segment != null;
  const shown = rest.slice(0, isPart ? 3 : rest.length);
  const nMore = finding.n_more + rest.length - shown.length;
  const picture = findingPicture(finding);
  return el(
    "li",
    { class: `card finding ${finding.verdict}` },
    el(
      "div",
      { class: "told" },
      el(
        "p",
        { class: "tags" },
        badge(finding.verdict),
        isPart && el("span", { class: "tag" }, scopeName(finding.scope)),
      ),
      el("h3", {}, ...phrase(first?.claim ?? [])),
      first?.when != null && el("p", { class: "when-said" }, first.when),
      rest.length > 0 &&
        el(
          "ul",
          {},
          ...shown.map((line, at) =>
            el(
              "li",
              {},
              signIcon(finding.episodes[at + 1]?.verdict ?? "warning"),
              el(
                "span",
                {},
                ...phrase(line.claim),
                !isPart && line.when !== null && el("em", {}, ` · ${line.when}`),
              ),
            ),
          ),
          nMore > 0 && el("li", {}, label("and_more", { n: nMore })),
        ),
      findingLink(finding),
    ),
    picture !== null && el("figure", {}, picture.chart, el("figcaption", {}, ...picture.caption)),
  );
}

/** @param {Finding} finding */
function findingLink(finding) {
  const { column, scope, episodes } = finding;
  const isFairness = episodes[0]?.kind === "fairness";
  const slot = episodes[0]?.slot ?? choice.slot;
  /** @param {Event} event */
  const go = (event) => {
    if (isFairness) return jump(event, "groups");
    choose(column === null ? { scope, slot, facet: knownFacet(episodes[0]?.facet ?? "") } : { column, slot });
    jump(event, column === null ? "performance" : "column");
  };
  const isModel = column === null && episodes[0]?.kind === "metric";
  if (column === null && !isModel && page.whole.length > 0) {
    return el(
      "button",
      { type: "button", class: "link", click: (/** @type {Event} */ event) => jump(event, "whole") },
      label("see_whole"),
      " →",
    );
  }
  if (isFairness ? page.fairness.length === 0 : column === null && !(isModel && page.metrics.length > 0))
    return null;
  return el(
    "button",
    { type: "button", class: "link", click: go },
    label(isFairness ? "see_groups" : column === null ? "see_performance" : "see_column"),
    " →",
  );
}

/** @param {string} facet */
function knownFacet(facet) {
  return page.metrics.some((metric) => metric.facet === facet) ? facet : "";
}

/** @param {"reference" | "current"} side @param {string} name @returns {Child[]} */
function swatched(side, name) {
  return [el("i", { class: `swatch ${side}`, "aria-hidden": true }), name];
}

/** @type {{isMini: true, width: number, height: number}} */
const MINI = { isMini: true, width: 300, height: 118 };

/**
 * The worst fact: a metric or a share over the slots, or a distribution beside the reference's.
 * @param {Finding} finding
 * @returns {{chart: Element, caption: Child[]} | null}
 */
function findingPicture(finding) {
  const worst = finding.episodes[0];
  if (worst === undefined) return null;
  const { name, slot } = worst;
  if (worst.kind === "fairness") {
    const column = page.columns[finding.column ?? -1]?.name;
    const measure = page.fairness.find(
      (one) => one.name === name && (column === undefined || one.column === column),
    );
    if (measure === undefined || finding.scope !== 0 || nSlots < 2) return null;
    const spec = { ...groupsSpec(measure), ...MINI, marked: slot };
    return { chart: lineChart(spec), caption: [nameOf(name)] };
  }
  if (finding.column === null) {
    const metric = page.metrics.find(
      (one) =>
        one.name === name &&
        one.facet === worst.facet &&
        one.note === worst.note &&
        one.scope === finding.scope,
    );
    if (metric === undefined) return null;
    const title = metricTitle(metric);
    const spec = { ...metricSpec(metric), ...MINI, marked: slot };
    return {
      chart: trackChart(spec),
      caption: [`${title} · ${label("reference")} ${ownEstimate(metric.own)}`],
    };
  }
  const column = page.columns[finding.column];
  if (column === undefined) return null;
  const test = column.tests.find((one) => one.name === name && one.kind === worst.kind);
  // A fault shows best over time; that only one value is left, or another type, shows best as it is.
  const isFault = worst.kind === "quality" && !(test !== undefined && isFact(test));
  if (finding.scope === 0 && column.picture !== null && !(isFault && nSlots > 1)) {
    const chart = barChart(column.picture, {
      title: column.name,
      slot,
      width: 300,
      height: 116,
      isMini: true,
    });
    return {
      chart,
      caption: [...swatched("reference", label("reference")), ...swatched("current", slotName(slot))],
    };
  }
  if (finding.scope === 0 && test !== undefined && nSlots > 1) {
    return { chart: lineChart({ ...testSpec(test), ...MINI, marked: slot }), caption: [nameOf(name)] };
  }
  const heat = column.heat.find(([scope]) => scope === finding.scope);
  if (heat === undefined || isFault || nSlots < 2) return null;
  const track = { v: heat[1], d: heat[2] };
  const spec = {
    track,
    title: nameOf(name),
    scope: finding.scope,
    format: number,
    limit: column.tests[0]?.limit ?? null,
  };
  return { chart: lineChart({ ...spec, ...MINI, marked: slot }), caption: [nameOf(name)] };
}
