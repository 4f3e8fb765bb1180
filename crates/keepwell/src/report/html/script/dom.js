// @ts-check
// Elements. Data get into the page only as text nodes and attribute values, never as markup.

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Attributes */

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 * @returns {E}
 */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/**
 * An element of HTML. Functions among the attributes listen to the event of that name.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element of SVG.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[T]}
 */
function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Signs of the verdicts, told apart by form as well as by colour. @type {Record<Verdict, string>} */
const SIGNS = {
  alert: "M5 0.6 L9.6 9.2 L0.4 9.2 Z",
  warning: "M5 0.2 L9.8 5 L5 9.8 L0.2 5 Z",
  ok: "M1.2 5.2 L4 8 L9 2.2",
  undefined: "M1.5 5 L8.5 5",
};

/**
 * @param {Verdict} verdict
 * @param {Attributes} [attributes]
 */
function sign(verdict, attributes = {}) {
  return svg("path", { d: SIGNS[verdict], class: `sign ${verdict}`, ...attributes });
}

/** A sign among text, with its name for those who do not see it. @param {Verdict} verdict */
function signIcon(verdict) {
  return svg(
    "svg",
    { viewBox: "0 0 10 10", class: "icon", role: "img", "aria-label": nameOf(verdict) },
    sign(verdict),
  );
}

/** @param {Verdict} verdict */
function badge(verdict) {
  return el("span", { class: `badge ${verdict}` }, signIcon(verdict), nameOf(verdict));
}

/**
 * A table that scrolls sideways by itself where it is too wide.
 * @param {string} caption
 * @param {Child[]} heads
 * @param {Child[]} rows
 * @param {string} [name] class
 */
function table(caption, heads, rows, name = "") {
  return el(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el(
      "table",
      { class: name },
      el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, ...rows),
    ),
  );
}

/**
 * A choice among few.
 * @param {string} name for those who do not see it
 * @param {Array<[string, string]>} options value and text
 * @param {string} chosen
 * @param {(value: string) => void} pick
 */
function segmented(name, options, chosen, pick) {
  return el(
    "div",
    { class: "segmented", role: "group", "aria-label": name },
    ...options.map(([value, text]) =>
      el(
        "button",
        {
          type: "button",
          "aria-pressed": String(value === chosen),
          "data-key": `${name}:${value}`,
          click: () => pick(value),
        },
        text,
      ),
    ),
  );
}

/**
 * A choice among many, in groups.
 * @param {string} name
 * @param {Array<[string, Array<[string, string]>]>} groups title (empty for none), then value and text
 * @param {string} chosen
 * @param {(value: string) => void} pick
 */
function select(name, groups, chosen, pick) {
  /** @param {[string, string]} option */
  const option = ([value, text]) => el("option", { value, selected: value === chosen }, text);
  return el(
    "label",
    { class: "select" },
    el("span", {}, name),
    el(
      "select",
      {
        "data-key": name,
        change: (/** @type {{target: HTMLSelectElement}} */ event) => pick(event.target.value),
      },
      ...groups.flatMap(([title, options]) =>
        title === "" ? options.map(option) : [el("optgroup", { label: title }, ...options.map(option))],
      ),
    ),
  );
}

/** How many of each long list are shown; it survives drawing again. @type {Map<string, number>} */
const shownOf = new Map();

/**
 * A long list: its first part, and a button for more.
 * @template T
 * @param {string} key
 * @param {T[]} items
 * @param {number} first how many to begin with
 * @param {Element} parent
 * @param {(item: T) => Element} draw
 * @returns {HTMLButtonElement | null} the button, where there is more
 */
function paged(key, items, first, parent, draw) {
  let shown = 0;
  /** @param {number} end */
  const upTo = (end) => {
    const next = items.slice(shown, end);
    parent.append(...next.map(draw));
    shown += next.length;
    shownOf.set(key, shown);
  };
  upTo(Math.max(first, shownOf.get(key) ?? 0));
  if (shown >= items.length) return null;
  const more = el("button", { type: "button", class: "more" });
  const say = () => {
    more.textContent = label("show_more", {
      n: count(Math.min(100, items.length - shown)),
      all: count(items.length),
    });
  };
  say();
  more.addEventListener("click", () => {
    upTo(shown + 100);
    if (shown >= items.length) more.remove();
    else say();
  });
  return more;
}

/** Which parts are unfolded; it survives drawing again. @type {Set<string>} */
const unfolded = new Set();

/**
 * A part that is drawn when it is unfolded.
 * @param {string} key
 * @param {string} title
 * @param {() => Element} make
 */
function folded(key, title, make) {
  const part = el("details", { class: "folded", open: unfolded.has(key) }, el("summary", {}, title));
  const fill = () => {
    if (part.open && part.children.length === 1) part.append(make());
  };
  fill();
  part.addEventListener("toggle", () => {
    if (part.open) unfolded.add(key);
    else unfolded.delete(key);
    fill();
  });
  return part;
}

/** Our words as they are, names from the data as code. @param {Phrase} phrase */
function phrase(phrase) {
  return phrase.map((piece) => (typeof piece === "string" ? piece : el("code", {}, piece[0])));
}

/** @param {string} id @param {string} title @param {string} lead @param {...Child} children */
function section(id, title, lead, ...children) {
  return el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el(
      "header",
      {},
      el("h2", { id: `${id}-title`, tabindex: -1 }, title),
      lead !== "" && el("p", { class: "lead" }, lead),
    ),
    ...children,
  );
}
