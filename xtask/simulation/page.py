"""The page with the tables, from the counts."""

import sys
from datetime import date
from math import sqrt
from pathlib import Path

from scenarios import CHANGES, COUNTS, FLOWS, HOUR_ROWS, REFERENCE_HOURS

sys.path.append(str(Path(__file__).parents[1] / "bench"))
from provenance import machine, versions  # noqa: E402

TITLES = {
    "keepwell_default": "Keepwell",
    "evidently_default": "Evidently",
    "nannyml_default": "NannyML",
    "whylogs_default": "whylogs",
    "plain_p": "p < 0.05",
}
OWN = "keepwell_default"
ROWS = (30, 100, 300, 1_000, 10_000)
SHORT_ROWS = ROWS[:4]
CHANGED_ROWS = (300, 1_000, 10_000)

INTRODUCTION = """
# Simulation

How often the decision rules are wrong, and what they find. `cargo xtask simulate` draws samples of which the truth is known, has them judged by `keepwell check` as it is without options and by the defaults of its peers, and writes this page. Everything is drawn from seeds, so the same versions give the same numbers; `--quick` takes a tenth of the runs.

{date}, {machine}; {versions}. All of it took {minutes:.0f} CPU minutes.

The rules:

- **Keepwell**: any warning or alert of `keepwell check`, be it of drift, of quality or of a metric; a false discovery rate of 1 % over the decisions of a run.
- **Evidently**: the test that it selects by kind of column and rows of the reference: above 1,000 rows Wasserstein distance over the standard deviation for numbers and Jensen–Shannon distance for categories, from 0.1; below, Kolmogorov–Smirnov and chi-squared (a z-test for two categories), p < 0.05.
- **NannyML**: Jensen–Shannon distance above the mean and three standard deviations of the reference's own windows, which have the rows of the current one.
- **whylogs**: the category `DRIFT` (not `POSSIBLE_DRIFT`): Kolmogorov–Smirnov on sketches for numbers, chi-squared on frequent items for categories, p < 0.05.
- **p < 0.05**: SciPy's Kolmogorov–Smirnov and chi-squared tests, column by column, without any correction.

Numbers are standard normal, lognormal, or normal rounded to halves (ties); shares of categories go with 1/rank. The reference has 5,000 rows, or ten times those of the current sample if that is more.
"""

UNCHANGED = """
## Nothing changed

40 columns: 8 normal, 8 lognormal, 6 with ties, 5 with 2 categories, 5 with 10, 4 with 100 and 4 with 1,000. Share of runs in which any column is flagged; the last column is the 95 % interval of Keepwell's.
"""

BY_KIND = """
Share of columns flagged, in samples of 30 / 100 / 300 / 1,000 / 10,000 rows:
"""

ALONE = """
One column alone, where no other column takes part in the correction; share of Keepwell's runs with a false alarm:
"""

SHORT = """
## A reference as short as the current sample

The same 40 columns, as many rows on both sides. NannyML cuts both sides in ten windows, its default; a column counts as flagged if any of them is. Share of runs in which any column is flagged:
"""

OUTCOMES = """
Target, prediction and score of a binary model, two features and a segment column with five values, nothing changed; accuracy, precision, recall, F1, ROC AUC and log loss are decided on overall and in each segment. Share of Keepwell's runs with a false alarm of any kind, and what it was:
"""

FLOW = """
## Rows in the order of time

Eight columns, {rows} rows an hour; the reference is two weeks, and each hour of the two days after them is judged. Nothing changes but what always does: each row is correlated with the one before (0.9), the level of each hour with that of the hour before (0.9, a standard deviation of 0.3), or the level follows the time of day (a sine with an amplitude of 0.5). Share of runs of 48 hours with any false alarm; share of columns and hours that are flagged. NannyML has {windows} windows in the reference here, not ten.
"""

CHANGED = """
## Known changes

Five of the 40 columns change, and with them the two figures: the share of changed columns that are flagged; the share of false reports among all reports, averaged over runs. Keepwell reports no change below its limits of size, however many rows there are: a mean that moves by 0.1 σ moves the distribution function by 0.04, a variance times 1.3 by 0.03, and warnings begin at 0.05. "Five kinds" are a mean + 0.5 σ of a normal and of a lognormal column (on the scale of its logarithm), a spread × 1.6, and the shares of 10 and of 100 categories moved on by two ranks.
"""

JUMP = """
The same in the order of time: three of eight columns jump by 1 σ of their independent part at the beginning of the second day. Share of changed columns that are flagged in at least one hour; in how many of the hours; share of false reports among all reports.
"""


def percent(count, total):
    """A share in percent; a dash if there is nothing to share."""
    if not total:
        return "–"
    share = 100 * count / total
    digits = 0 if share == 0 or share >= 9.95 else 1 if share >= 0.095 else 2
    return f"{share:.{digits}f} %"


def interval(count, total):
    """Wilson's 95 % interval of a share, in percent."""
    z = 1.959964
    middle = (count + z * z / 2) / (total + z * z)
    half = z / (total + z * z) * sqrt(count * (total - count) / total + z * z / 4)
    return f"{100 * max(middle - half, 0):.1f} to {100 * (middle + half):.1f} %"


def table(heads, lines):
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, ["---"] * len(heads), *lines])


def total(counts):
    """Decisions, flagged and undecided, over all kinds of columns."""
    return [sum(position) for position in zip(*counts.values())] or [0, 0, 0]


def runs(counts):
    """Share of runs with a false alarm."""
    return percent(counts["false_runs"], counts["runs"])


def false_share(counts):
    """Share of false reports among all reports."""
    return percent(counts["false_share"], counts["runs"])


class Page:
    """Tables of the counts by rule and scenario."""

    def __init__(self, results):
        self.rules = {rule: results[rule] for rule in TITLES if rule in results}

    def heads(self, *first):
        """Heads of a table with a column for each rule."""
        return [*first, *(TITLES[rule] for rule in self.rules)]

    def cells(self, name, cell):
        """What `cell` makes of the counts of each rule in a scenario."""
        return [cell(of[name]) if name in of else "" for of in self.rules.values()]

    def own(self, name):
        """Keepwell's counts in a scenario."""
        return self.rules[OWN][name]

    def unchanged(self):
        """By rows."""
        lines = []
        for rows in ROWS:
            name = f"unchanged/40 columns/{rows}"
            counts = self.own(name)
            limits = interval(counts["false_runs"], counts["runs"])
            lines.append([f"{rows:,}", *self.cells(name, runs), limits])
        return table([*self.heads("rows"), "Keepwell, between"], lines)

    def by_kind(self):
        """By kind, the rows within a cell."""
        def shares(of, kind):
            counts = [of[f"unchanged/40 columns/{rows}"]["unchanged"][kind] for rows in ROWS]
            return " / ".join(percent(flagged, n).removesuffix(" %") for n, flagged, _ in counts) + " %"

        return table(self.heads("kind"), [[kind, *(shares(of, kind) for of in self.rules.values())] for kind in COUNTS])

    def alone(self):
        """By kind and rows."""
        lines = [[kind, *(runs(self.own(f"alone/{kind}/{rows}")) for rows in SHORT_ROWS)] for kind in COUNTS]
        return table(["kind", *(f"{rows:,} rows" for rows in SHORT_ROWS)], lines)

    def short(self):
        """By rows."""
        lines = [[f"{rows:,}", *self.cells(f"short reference/40 columns/{rows}", runs)] for rows in SHORT_ROWS]
        return table(self.heads("rows on each side"), lines)

    def outcomes(self):
        """By rows."""
        lines = []
        for rows in ROWS:
            counts = self.own(f"outcomes/binary/{rows}")
            columns = {kind: flagged for kind, (_, flagged, _) in counts["unchanged"].items() if flagged}
            named = ", ".join(f"{name} {count}" for name, count in sorted((counts["others"] | columns).items()))
            lines.append([f"{rows:,}", runs(counts), interval(counts["false_runs"], counts["runs"]), named])
        return table(["rows", "false alarm", "between", "number of false reports"], lines)

    def flow(self):
        """By what the rows have in common."""
        def cell(counts):
            decisions, flagged, _ = total(counts["unchanged"])
            return f"{runs(counts)}; {percent(flagged, decisions)}"

        lines = [[about, *self.cells(f"flow/{about}/{HOUR_ROWS}", cell)] for about in FLOWS]
        return table(self.heads("the rows"), lines)

    def changed(self):
        """By change and rows."""
        def cell(counts):
            return f"{percent(counts['found'][1], counts['found'][0])}; {false_share(counts)}"

        lines = [[about, f"{rows:,}", *self.cells(f"changed/{about}/{rows}", cell)]
                 for about in CHANGES for rows in CHANGED_ROWS]
        return table(self.heads("change", "rows"), lines)

    def jump(self):
        """By what the rows have in common."""
        def cell(counts):
            hours, flagged, _ = total(counts["changed"])
            found = percent(counts["found"][1], counts["found"][0])
            return f"{found}; {percent(flagged, hours)}; {false_share(counts)}"

        abouts = ("independent rows", "all three")
        lines = [[about, *self.cells(f"jump/{about}/{HOUR_ROWS}", cell)] for about in abouts]
        return table(self.heads("the rows"), lines)

    def runs_of_rules(self):
        """How many runs there were, by group of scenarios."""
        groups = {}
        for rule, scenarios in self.rules.items():
            for name, counts in scenarios.items():
                group, _, rows = name.rsplit("/", 2)
                key = (group, "10,000 rows" if int(rows) > 1_000 else "")
                groups.setdefault(key, {})[rule] = f"{counts['runs']:,}"
        lines = [[" ".join(key).strip(), *(of.get(rule, "") for rule in self.rules)] for key, of in groups.items()]
        return table(self.heads("runs of each scenario"), lines)


def page(results, programs):
    """The whole page."""
    made = Page(results)
    minutes = sum(counts["seconds"] for of in results.values() for counts in of.values()) / 60
    parts = [
        INTRODUCTION.format(date=date.today(), machine=machine(), versions=versions(programs), minutes=minutes),
        UNCHANGED, made.unchanged(), BY_KIND, made.by_kind(), ALONE, made.alone(), OUTCOMES, made.outcomes(),
        SHORT, made.short(), FLOW.format(rows=HOUR_ROWS, windows=REFERENCE_HOURS), made.flow(),
        CHANGED, made.changed(), JUMP, made.jump(), "## Runs", made.runs_of_rules(),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"
