// @ts-check
// Rows by target and prediction, in the reference and in the chosen slot.

/** @returns {Element | null} */
function confusionPair() {
  const confusion = page.confusion.find((one) => one.scope === choice.scope);
  if (confusion === undefined) return null;
  const { slot } = choice;
  return el(
    "div",
    { class: "card block" },
    el("h3", {}, label("confusion")),
    el("p", { class: "small" }, label("confusion_lead")),
    el(
      "div",
      { class: "pair" },
      matrix(confusion.classes, confusion.own, label("reference")),
      matrix(confusion.classes, confusion.slots[slot] ?? null, slotName(slot)),
    ),
  );
}

/**
 * @param {string[]} classes
 * @param {number[] | null} cells
 * @param {string} title
 */
function matrix(classes, cells, title) {
  const n = classes.length;
  const body = classes.map((target, row) => {
    const counts = classes.map((_, column) => cells?.[row * n + column] ?? 0);
    const all = counts.reduce((sum, count) => sum + count, 0);
    return el(
      "tr",
      {},
      el("th", { scope: "row", title: target }, shortened(target, 14)),
      ...counts.map((rows, column) => {
        const part = all > 0 ? rows / all : 0;
        const cell = el(
          "td",
          {
            class: row === column ? "hit" : "miss",
            title: `${target} → ${classes[column]}: ${count(rows)} (${share(part)})`,
          },
          el("b", {}, share(part)),
          el("small", {}, count(rows)),
        );
        cell.style.setProperty("--part", part.toFixed(3));
        return cell;
      }),
    );
  });
  return el(
    "figure",
    { class: "confusion" },
    el("figcaption", {}, title),
    cells === null
      ? el("p", { class: "small" }, label("no_matrix"))
      : table(
          `${label("confusion")}, ${title}`,
          [label("target_by_prediction"), ...classes.map((name) => shortened(name, 14))],
          body,
          "matrix",
        ),
  );
}
