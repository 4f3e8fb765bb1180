// @ts-check
// Draws the page, and draws it again when something else is chosen.

/** Chooses something else. @param {Partial<Choice>} change */
function choose(change) {
  Object.assign(choice, change);
  writeChoice();
  draw();
}

function draw() {
  hideTip();
  const focused = document.activeElement;
  const key =
    focused instanceof HTMLElement || focused instanceof SVGElement ? focused.dataset["key"] : undefined;
  const [left, top] = [scrollX, scrollY];
  document.documentElement.lang = choice.lang;
  const isDark =
    choice.theme === "dark" || (choice.theme === "" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
  document.title = `${page.model} · Keepwell`;
  const sections = [
    findingsSection(),
    performanceSection(),
    groupsSection(),
    estimatesSection(),
    driftSection(),
    wholeSection(),
    qualitySection(),
    detailsSection(),
  ].filter((part) => part !== null);
  const present = SECTIONS.filter((id) => sections.some((part) => part.id === id));
  const main = el("main", {}, summarySection(), ...sections, el("footer", {}, `Keepwell ${page.keepwell}`));
  document.getElementById("app")?.replaceChildren(topBar(present), main);
  scrollTo(left, top);
  if (key !== undefined) {
    const again = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (again instanceof HTMLElement || again instanceof SVGElement) again.focus({ preventScroll: true });
  }
}

/** The pattern of provisional windows, which charts refer to. */
function patterns() {
  const hatch = svg(
    "pattern",
    { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 6 }),
  );
  return svg("svg", { class: "unseen", "aria-hidden": true, width: 0, height: 0 }, svg("defs", {}, hatch));
}

/** Opens what is folded, so that paper shows all of it. */
function unfold() {
  document.querySelectorAll("details").forEach((folded) => (folded.open = true));
  document.getElementById("column")?.append(...otherColumns());
  for (let round = 0; round < 200; round++) {
    const buttons = document.querySelectorAll("button.more");
    if (buttons.length === 0) return;
    buttons.forEach((button) => button instanceof HTMLElement && button.click());
  }
}

function start() {
  readChoice();
  document.body.append(patterns(), tip);
  draw();
  addEventListener("hashchange", () => {
    readChoice();
    draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("scroll", hideTip, { passive: true });
  addEventListener("beforeprint", unfold);
  addEventListener("afterprint", () => {
    shownOf.clear();
    draw();
  });
  let width = innerWidth;
  let timer = 0;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    clearTimeout(timer);
    timer = setTimeout(draw, 150);
  });
}

start();
