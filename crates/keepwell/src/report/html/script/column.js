// @ts-check
// One column in full: its distribution beside the reference's, and every test.

/** @param {Test} test @param {number} slot */
function testValue(test, slot) {
  const value = at(test.v, slot);
  if (value === null) return "–";
  if (test.kind === "drift") return number(value);
  if (isFact(test)) return label(value > 0 ? "yes" : "no");
  return share(value);
}

/** What is yes or no has no limit that means anything. @param {Test} test */
function isFact(test) {
  return test.name === "constant" || test.name === "type_change" || test.name === "scale_change";
}

/** @param {Test} test */
function testLimit(test) {
  if (test.limit === null || isFact(test)) return "–";
  return test.kind === "drift" ? number(test.limit) : share(test.limit);
}

/** @param {Test} test @returns {LineSpec} */
function testSpec(test) {
  const isDrift = test.kind === "drift";
  return {
    track: test,
    title: nameOf(test.name),
    limit: test.limit,
    scope: 0,
    format: isDrift ? (x) => number(x, 3) : share,
    isShare: !isDrift,
  };
}

/** @param {number} idx @param {number} slot @returns {Element | null} */
function columnDetail(idx, slot) {
  const column = page.columns[idx];
  if (column === undefined) return null;
  const drawn = el("div", { class: "distribution" }, ...distribution(column, slot));
  return el(
    "article",
    { class: "card block column", "aria-label": column.name },
    el(
      "header",
      {},
      el(
        "h3",
        { id: idx === choice.column ? "column-title" : null, tabindex: -1 },
        el("code", {}, column.name),
      ),
      el(
        "p",
        { class: "tags" },
        el("span", { class: "tag" }, nameOf(column.kind)),
        el("span", { class: "tag" }, nameOf(column.role)),
      ),
      idx === choice.column ? slotSlider(column, drawn) : el("p", { class: "small" }, slotName(slot)),
    ),
    el("p", { class: "small note-scope" }, choice.scope === 0 ? "" : label("distribution_all_rows")),
    el("div", { class: "split" }, drawn, columnHistory(column)),
    testTable(column, slot),
  );
}

/** @param {Column} column @param {number} slot @returns {Node[]} */
function distribution(column, slot) {
  if (column.picture === null) {
    return [el("p", { class: "empty" }, label(page.omitted["pictures"] ? "picture_omitted" : "no_picture"))];
  }
  const width = Math.max(300, Math.min(640, document.documentElement.clientWidth - 70));
  return [
    el(
      "p",
      { class: "legend" },
      el("span", {}, el("i", { class: "swatch reference" }), label("reference")),
      el("span", {}, el("i", { class: "swatch current" }), slotName(slot)),
    ),
    barChart(column.picture, { title: column.name, slot, width, height: 240 }),
    el("p", { class: "small" }, label(column.picture.slots[slot] ? "share_of_rows" : "picture_omitted")),
  ];
}

/** @param {Column} column @param {HTMLElement} drawn */
function slotSlider(column, drawn) {
  if (nSlots < 2) return null;
  const shown = el("output", {}, slotName(choice.slot));
  const slider = el("input", {
    type: "range",
    min: 0,
    max: nSlots - 1,
    step: 1,
    value: choice.slot,
    "data-key": "slider",
    "aria-label": label("window"),
    "aria-valuetext": slotName(choice.slot),
    input: () => {
      const slot = Number(slider.value);
      shown.textContent = slotName(slot);
      slider.setAttribute("aria-valuetext", slotName(slot));
      drawn.replaceChildren(...distribution(column, slot));
    },
    change: () => choose({ slot: Number(slider.value) }),
  });
  return el("label", { class: "slider" }, el("span", {}, label("window")), slider, shown);
}

/** The statistic that decided worst, over the windows. @param {Column} column */
function columnHistory(column) {
  if (nSlots < 2) return null;
  const drift = decidingTest(column);
  const worst = [...column.tests].sort(
    (left, right) => urgency(worstOf(right.d)) - urgency(worstOf(left.d)),
  )[0];
  const told = [
    drift,
    worst !== drift && worst?.kind === "quality" && urgency(worstOf(worst.d)) >= 2 ? worst : undefined,
  ];
  return el(
    "div",
    { class: "history" },
    ...told.map(
      (test) =>
        test &&
        el(
          "figure",
          {},
          el(
            "figcaption",
            {},
            nameOf(test.name),
            test.limit !== null &&
              !isFact(test) &&
              el("small", {}, ` ${label("limit_is", { limit: testLimit(test) })}`),
          ),
          lineChart(testSpec(test)),
        ),
    ),
  );
}

/** The other columns with a finding, each at its worst window; for paper. */
function otherColumns() {
  const seen = new Set([choice.column]);
  /** @type {Array<Element | null>} */
  const found = [];
  for (const { column, episodes } of page.findings) {
    if (column === null || seen.has(column) || found.length >= 40) continue;
    seen.add(column);
    found.push(columnDetail(column, episodes[0]?.slot ?? choice.slot));
  }
  return found.filter((part) => part !== null);
}

/** @param {Column} column @param {number} slot */
function testTable(column, slot) {
  const rows = column.tests.map((test) => {
    const verdict = verdictAt(test.d, slot);
    const why = whyNot(test, slot);
    const [p, corrected] = [at(test.p, slot), at(test.q, slot)];
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, nameOf(test.name), el("small", {}, label(test.kind))),
      el("td", { "data-head": label("value") }, why ?? testValue(test, slot)),
      el("td", { "data-head": label("limit") }, testLimit(test)),
      el(
        "td",
        { "data-head": label("p_value") },
        el("span", {}, corrected !== null ? pValue(corrected) : pValue(p), corrected !== null && el("small", {}, label("corrected"))),
      ),
      el(
        "td",
        { "data-head": label("verdict") },
        verdict === null ? el("span", { class: "quiet" }, label("not_decided")) : badge(verdict),
      ),
    );
  });
  const heads = ["statistic", "value", "limit", "p_value", "verdict"].map((key) => label(key));
  return table(`${column.name}, ${slotName(slot)}`, heads, rows, "tests stacked");
}
