// @ts-check
// The data of the page, as `view.rs` writes them, and what is chosen to be looked at.
// All scripts of this folder are joined into one; they share their names.

/** @typedef {"en" | "zh-CN"} Lang */
/** @typedef {"ok" | "warning" | "alert" | "undefined"} Verdict */
/**
 * One letter per slot: `o` ok, `w` warning, `a` alert, `u` undefined, `-` value without a verdict,
 * `.` no row.
 * @typedef {string} Marks
 */
/**
 * Values over the slots (windows, or the whole). A single number stands for the same in every slot.
 * @typedef {Array<number | null> | number | null} Values
 */
/**
 * A statistic over the slots.
 * @typedef {object} Track
 * @property {Values} v values
 * @property {Values} [lo] lower ends of the intervals
 * @property {Values} [hi] upper ends
 * @property {Values} [p] p-values, where none was corrected
 * @property {Values} [q] p-values after the correction, where a verdict was given
 * @property {Marks} d verdicts
 * @property {Array<[number, number]>} [why] slot and index into `reasons`, where undefined
 */
/**
 * A value of the reference with its interval, or the index of the reason why there is none.
 * @typedef {{v: number, lo?: number, hi?: number} | {why: number} | null} Own
 */
/**
 * A reading of a metric in one scope; `by` is what estimated it, `constant` is what a constant prediction would reach.
 * @typedef {Track & {name: string, by?: string, facet: string, note?: string, is_macro: boolean, is_decided: boolean, scope: number, own: Own, better: -1 | 0 | 1, constant?: Values}} Metric
 */
/**
 * A measure of the groups of a protected column; `groups` are the lowest and the highest by slot.
 * @typedef {Track & {column: string, name: string, parity: number, limit: number | null, groups: Array<[string, string] | null>}} Fairness
 */
/**
 * A quality check or drift test of a column, over all rows.
 * @typedef {Track & {kind: "quality" | "drift", name: string, limit: number | null}} Test
 */
/**
 * Bins of a numeric picture by their edges, or of a categorical one by their names.
 * @typedef {{edges: number[]} | {names: string[]}} Bins
 */
/**
 * A distribution in parts of 10,000 per bin: the reference, and per slot.
 * @typedef {{bins: Bins, own: number[], slots: Array<number[] | null>}} Picture
 */
/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} kind
 * @property {string} role
 * @property {Test[]} tests the drift test that decides is first
 * @property {Picture | null} picture
 * @property {Array<[number, Values, Marks]>} heat deciding drift test in the other scopes
 */
/** @typedef {{version: string | null, segment: [string, string | null] | null}} ScopeName */
/**
 * @typedef {object} Scope
 * @property {ScopeName} name
 * @property {Values} rows
 * @property {Values} targets
 * @property {number | null} own_rows rows of the reference in this scope
 * @property {string} provisional `1` per slot whose targets are still incomplete
 */
/**
 * @typedef {object} Episode
 * @property {string} kind
 * @property {string} name
 * @property {string} facet
 * @property {string} [note]
 * @property {number} slot the worst
 * @property {Verdict} verdict
 */
/**
 * @typedef {object} Finding
 * @property {Verdict} verdict
 * @property {number | null} column index (beyond the end where the column was left out), or null for the model
 * @property {number} scope
 * @property {Episode[]} episodes
 * @property {number} n_more further episodes, which are not here
 */
/**
 * A text: our words as strings, names from the data in arrays of one.
 * @typedef {Array<string | [string]>} Phrase
 */
/** @typedef {Array<{claim: Phrase, when: string | null}>} FindingText parallel to the episodes */
/**
 * Rows by target and prediction, row by row.
 * @typedef {{scope: number, classes: string[], own: number[] | null, slots: Array<number[] | null>}} Confusion
 */
/**
 * A statistic of rows as wholes, or of a series of windows, at its worst window.
 * @typedef {object} Whole
 * @property {"quality" | "drift" | "anomaly"} kind
 * @property {string} name
 * @property {string} [of] what a series is of
 * @property {string} [column] of which column
 * @property {string} facet
 * @property {string} note
 * @property {string} columns those that it rests on
 * @property {number | null} slot null for all windows together
 * @property {number} n_hit windows with a warning or an alert
 * @property {number} n windows
 * @property {number | null} v
 * @property {number | null} lo
 * @property {number | null} hi
 * @property {number | null} q p-value after the correction
 * @property {number | null} limit
 * @property {Verdict | null} verdict
 * @property {number | null} why index of a reason
 */
/**
 * Threshold (none for the first point), place and value of each point; shares in parts of 1000.
 * @typedef {Array<[number | null, number, number]>} CurvePoints
 */
/**
 * Curves of one stretch of time: recall over false positive rate, precision over recall, and for each bin the mean
 * score, the share of the class with its interval, and the rows. `now` is what the decisions in force do.
 * @typedef {object} CurveSide
 * @property {CurvePoints} roc
 * @property {CurvePoints} pr
 * @property {Array<[number, number, number, number, number]>} bins
 * @property {{at?: number, fpr: number | null, recall: number | null, precision: number | null}} [now]
 */
/** @typedef {{class: string, own: CurveSide | null, slots: Array<CurveSide | null>}} Curves */
/** @typedef {{files: string[], n_files: number, rows: number}} Side */
/**
 * @typedef {object} Texts
 * @property {Record<string, string>} labels
 * @property {Record<string, string>} names
 * @property {string[]} slots
 * @property {string} headline
 * @property {string} rule
 * @property {{reference: string, current: string}} ranges first to last event, empty without time
 * @property {string} windows how many, from when to when; empty without windows
 * @property {FindingText[]} findings
 * @property {string[]} reasons
 * @property {string[]} gaps parallel to `not_computed`
 * @property {Phrase[]} notes what was assumed about the input
 */
/**
 * @typedef {object} Page
 * @property {string} keepwell version of the program
 * @property {Lang} lang
 * @property {Record<Lang, Texts>} texts
 * @property {string} model
 * @property {string | null} task
 * @property {string | null} positive
 * @property {Verdict} verdict
 * @property {number} decisions
 * @property {Side} reference
 * @property {Side} current
 * @property {number} n_windows slots that are windows; one more may stand for all of them together
 * @property {Array<[string, string[], number]>} roles columns by part, and how many there are
 * @property {Array<[string, string]>} guesses
 * @property {string[]} versions
 * @property {Array<{column: string, values: string[], n_other: number}>} segments
 * @property {boolean} is_approximate
 * @property {Scope[]} scopes the first is all rows
 * @property {Metric[]} metrics
 * @property {Confusion[]} confusion
 * @property {Curves[]} curves of each class against the rest, over all rows
 * @property {Fairness[]} fairness
 * @property {Metric[]} estimates what metrics are expected to be without targets
 * @property {Whole[]} whole what no column shows by itself, worst first
 * @property {Finding[]} findings
 * @property {Column[]} columns worst first
 * @property {Array<{columns: string[], n_columns: number, metrics: string[], n: number}>} not_computed by reason; `n` is the most windows that one of them concerns
 * @property {Record<string, number>} omitted what was left out to keep the file small
 */

/** @type {Page} */
const page = JSON.parse(document.getElementById("data")?.textContent ?? "");

/** Number of slots. */
const nSlots = page.texts.en.slots.length;

/**
 * What is chosen. It lives in the fragment of the address, so that a link shows the same again.
 * @typedef {object} Choice
 * @property {Lang} lang
 * @property {"" | "light" | "dark"} theme empty follows the system
 * @property {number} scope
 * @property {string} facet
 * @property {number} slot
 * @property {number} column -1 for none
 * @property {number} curve class whose curves are drawn
 * @property {string} find
 */
/** @type {Choice} */
const choice = {
  lang: page.lang,
  theme: "",
  scope: 0,
  facet: "",
  slot: page.findings[0]?.episodes[0]?.slot ?? nSlots - 1,
  column: page.columns.length > 0 ? 0 : -1,
  curve: Math.max(
    0,
    page.curves.findIndex((curves) => page.findings[0]?.episodes[0]?.facet === `class=${curves.class}`),
  ),
  find: "",
};
const initial = { ...choice };

/** Reads the choice from the address; what makes no sense is ignored. */
function readChoice() {
  const given = new URLSearchParams(location.hash.slice(1));
  const lang = given.get("lang");
  choice.lang = lang === "en" || lang === "zh-CN" ? lang : initial.lang;
  const theme = given.get("theme");
  choice.theme = theme === "light" || theme === "dark" ? theme : "";
  choice.scope = indexOr(given.get("scope"), page.scopes.length, initial.scope);
  choice.slot = indexOr(given.get("window"), nSlots, initial.slot);
  choice.column = indexOr(given.get("column"), page.columns.length, initial.column);
  choice.curve = indexOr(given.get("curve"), page.curves.length, initial.curve);
  choice.facet = given.get("facet") ?? "";
  if (!page.metrics.some((metric) => metric.facet === choice.facet)) choice.facet = "";
}

/**
 * @param {string | null} text
 * @param {number} n
 * @param {number} otherwise
 */
function indexOr(text, n, otherwise) {
  const idx = text === null || text === "" ? NaN : Number(text);
  return Number.isInteger(idx) && idx >= 0 && idx < n ? idx : otherwise;
}

/** Writes what differs from the start into the address, without a step in the history. */
function writeChoice() {
  const given = new URLSearchParams();
  if (choice.lang !== initial.lang) given.set("lang", choice.lang);
  if (choice.theme !== "") given.set("theme", choice.theme);
  if (choice.scope !== initial.scope) given.set("scope", String(choice.scope));
  if (choice.curve !== initial.curve) given.set("curve", String(choice.curve));
  if (choice.facet !== "") given.set("facet", choice.facet);
  if (choice.slot !== initial.slot) given.set("window", String(choice.slot));
  if (choice.column !== initial.column) given.set("column", String(choice.column));
  const hash = `#${given}`;
  if (hash !== (location.hash || "#")) history.replaceState(null, "", hash);
}

/** @returns {Texts} */
function texts() {
  return page.texts[choice.lang];
}

/**
 * A label of the page, with its places filled. `one|many` is chosen by `n`.
 * @param {string} key
 * @param {Record<string, string | number>} [places]
 */
function label(key, places = {}) {
  let text = texts().labels[key] ?? key;
  const forms = text.split("|");
  if (forms.length === 2) text = (places["n"] === 1 || places["n"] === "1" ? forms[0] : forms[1]) ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, place) => String(places[place] ?? whole));
}

/**
 * The name of something with an id: a metric, a test, a kind, a role, a verdict.
 * @param {string} id
 */
function nameOf(id) {
  return texts().names[id] ?? id;
}

/** @param {number} idx */
function scopeName(idx) {
  const scope = page.scopes[idx]?.name;
  const parts = [];
  if (scope?.version != null) parts.push(label("version_is", { version: scope.version }));
  if (scope?.segment != null) parts.push(`${scope.segment[0]} = ${scope.segment[1] ?? label("other")}`);
  return parts.length > 0 ? parts.join(" · ") : label("all_rows");
}

/**
 * The part of a metric that a facet names: `class=cat`, `average=micro`; empty for the overall value.
 * @param {string} facet
 */
function facetName(facet) {
  if (facet === "") return label("overall");
  const [key = "", ...rest] = facet.split("=");
  const value = rest.join("=");
  return label(key === "average" ? "average_is" : "class_is", { name: value });
}

/**
 * @param {Values | undefined} values
 * @param {number} slot
 * @returns {number | null}
 */
function at(values, slot) {
  return (Array.isArray(values) ? values[slot] : values) ?? null;
}

/**
 * @param {Track} track
 * @param {number} slot
 * @returns {string | null}
 */
function whyNot(track, slot) {
  const entry = track.why?.find(([known]) => known === slot);
  return entry === undefined ? null : (texts().reasons[entry[1]] ?? null);
}

/** @type {Record<string, Verdict>} */
const VERDICTS = { o: "ok", w: "warning", a: "alert", u: "undefined" };

/**
 * @param {Marks} marks
 * @param {number} slot
 * @returns {Verdict | null} null where nothing was decided
 */
function verdictAt(marks, slot) {
  return VERDICTS[marks[slot] ?? "."] ?? null;
}

/** @param {Verdict | null} verdict */
function urgency(verdict) {
  return verdict === null ? -1 : ["ok", "undefined", "warning", "alert"].indexOf(verdict);
}

/** @param {Marks} marks @returns {Verdict | null} */
function worstOf(marks) {
  /** @type {Verdict | null} */
  let worst = null;
  for (let slot = 0; slot < marks.length; slot++) {
    const verdict = verdictAt(marks, slot);
    if (urgency(verdict) > urgency(worst)) worst = verdict;
  }
  return worst;
}
