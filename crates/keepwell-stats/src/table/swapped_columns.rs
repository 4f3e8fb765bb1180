//! Two columns that changed places.

use std::collections::BTreeMap;

use keepwell_core::entry;
use keepwell_core::measure::Measure;
use keepwell_core::outcome::{Outcome, Reason};
use keepwell_core::params::{Domain, Parameter, Params};
use keepwell_core::schema::Role;

use super::fit::{Fit, fit};
use super::{TableCheck, TableReading, readings, require_rows};
use crate::profile::{ColumnSummary, TableProfile, TwoSample};

entry! {
    /// Whether two columns each hold what the other one held in the reference.
    ///
    /// # Inputs
    /// `reference`, `current`: tables with a summary of each column: 33 quantiles of numbers, the 64 most
    /// frequent categories. Columns are matched by name; those that the specification excludes do not count.
    ///
    /// # Result
    /// `value`: 1 if there are such columns, else 0. Then one reading of 1 for each pair, least p-value first.
    /// Distances are those of Kolmogorov and Smirnov for numbers and total variation for categories. A
    /// pair is found if each column is at least `distance_min` away from itself, and each is no further
    /// from the other one than half of the lesser of both, and than `rest_max` of it or what chance makes,
    /// whichever is more. `p_value` of "neither changed": the larger one of the two columns, times the number of columns;
    /// 1 where `value` is 0.
    ///
    /// # Undefined
    /// `no_reference`, `no_rows`: a table without rows. `not_applicable`: fewer than two columns can be
    /// compared.
    ///
    /// # Cost
    /// `O(k)` for `k` columns, and `O(c^2)` for `c` of them that changed.
    ///
    /// # When to use, and when not
    /// For files whose header and values went out of step, and features that are passed by position. Columns
    /// of the same distribution can be swapped without any trace here; `correlation_break` may see it.
    /// Three columns that moved round are not found.
    ///
    /// # Reference
    /// Law of the distance of numbers: Simard and L'Ecuyer (2011), Journal of Statistical Software 39(11),
    /// at a distance less than that of the 33 quantiles by 1/32; of categories: as in `chi_squared`.
    /// ```python oracle
    /// def quantiles(values):
    ///     v = np.sort(values)
    ///     return v[np.maximum(np.ceil(np.arange(33) / 32 * len(v)), 1).astype(int) - 1]
    /// def fit(a, b):
    ///     n, m = len(a), len(b)
    ///     if isinstance(a[0], str):
    ///         r, c = tables(a, b)
    ///         value = scipy.spatial.distance.cityblock(r / n, c / m) / 2
    ///         noise = np.sqrt((len(r) - 1) * (1 / n + 1 / m) / math.tau) + np.sqrt(1 / n + 1 / m)
    ///         return value, scipy.stats.chi2_contingency([r, c], correction=False)[1], min(noise, 1)
    ///     x, y = quantiles(finite(a)), quantiles(finite(b))
    ///     points = np.concatenate([x, y])
    ///     ranks = [np.maximum(np.searchsorted(q, points, "right"), 1) for q in (x, y)]
    ///     value = abs(ranks[0] - ranks[1]).max() / 32
    ///     least = max(value - 1 / 32, 0)
    ///     return (value, scipy.stats.kstwo.sf(least, np.round(n * m / (n + m))),
    ///             1.358 * np.sqrt(1 / n + 1 / m) + 1 / 32)
    /// assert reference.rows and current.rows
    /// names = [name for name in sorted(reference.kinds)
    ///          if reference.kinds[name] == current.kinds.get(name) != "timestamp"]
    /// assert len(names) > 1
    /// before = {name: present(reference.columns[name]) for name in names}
    /// after = {name: present(current.columns[name]) for name in names}
    /// own = {name: fit(before[name], after[name]) for name in names}
    /// far = [name for name in names if own[name][0] >= params["distance_min"]]
    /// answer = {"": dict(value=0.0, p_value=1.0)}
    /// for i, a in enumerate(far):
    ///     for b in far[i + 1:]:
    ///         if reference.kinds[a] == reference.kinds[b]:
    ///             least = min(own[a][0], own[b][0])
    ///             crossed = fit(before[a], after[b]), fit(before[b], after[a])
    ///             if all(d <= min(least / 2, max(params["rest_max"] * least, z)) for d, _, z in crossed):
    ///                 p_value = min(1.0, max(own[a][1], own[b][1]) * len(names))
    ///                 answer[f"{a}|{b}"] = dict(value=1.0, p_value=p_value)
    ///                 if answer[""]["value"] == 0 or p_value < answer[""]["p_value"]:
    ///                     answer[""] = answer[f"{a}|{b}"]
    /// answer
    /// ```
    pub struct SwappedColumns = "swapped_columns" since "0.1" with [
        Parameter {
            name: "distance_min",
            doc: "Least distance between a column and itself for it to count as changed.",
            domain: Domain::Float {
                default: 0.2,
                min: 0.0,
                max: 1.0,
            },
        },
        Parameter {
            name: "rest_max",
            doc: "Share of that distance up to which the other column may differ, for drift besides.",
            domain: Domain::Float {
                default: 0.25,
                min: 0.0,
                max: 0.5,
            },
        },
    ];
}

impl TableCheck for SwappedColumns {
    fn check(&self, sample: TwoSample<'_, TableProfile>, params: &Params) -> Vec<TableReading> {
        readings(swaps(sample, params))
    }
}

/// A column of both tables.
struct Column<'a> {
    name: &'a str,
    reference: &'a ColumnSummary,
    current: &'a ColumnSummary,
    /// Of the column and itself.
    own: Fit,
}

fn swaps(
    sample: TwoSample<'_, TableProfile>,
    params: &Params,
) -> Result<Vec<TableReading>, Reason> {
    require_rows(sample)?;
    let mut columns = shared(sample);
    let n_columns = columns.len();
    if n_columns < 2 {
        return Err(Reason::NotApplicable);
    }
    columns.retain(|column| column.own.distance >= params.float("distance_min"));
    let rest_max = params.float("rest_max");
    let mut found = Vec::new();
    for (idx, first) in columns.iter().enumerate() {
        for second in &columns[idx + 1..] {
            if is_swap(first, second, rest_max) {
                let p_value = first.own.p_value.max(second.own.p_value) * n_columns as f64;
                found.push((p_value.min(1.0), [first.name, second.name]));
            }
        }
    }
    found.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
    let whole = match found.first() {
        Some(&(p_value, _)) => Measure::new(1.0).with_p_value(p_value),
        None => Measure::new(0.0).with_p_value(1.0),
    };
    let mut readings = vec![TableReading::whole(Outcome::Defined(whole))];
    readings.extend(found.into_iter().map(|(p_value, columns)| {
        TableReading::of(columns, Measure::new(1.0).with_p_value(p_value))
    }));
    Ok(readings)
}

/// Columns of both tables that can be compared, in ascending order of their names.
fn shared(sample: TwoSample<'_, TableProfile>) -> Vec<Column<'_>> {
    let current: BTreeMap<&str, &ColumnSummary> = sample
        .current
        .columns
        .iter()
        .filter(|column| column.role != Role::Excluded)
        .map(|column| (column.name.as_str(), &column.summary))
        .collect();
    let mut columns: Vec<Column<'_>> = sample
        .reference
        .columns
        .iter()
        .filter(|column| column.role != Role::Excluded)
        .filter_map(|column| {
            let current = current.get(column.name.as_str())?;
            Some(Column {
                name: &column.name,
                reference: &column.summary,
                current,
                own: fit(&column.summary, current)?,
            })
        })
        .collect();
    columns.sort_by_key(|column| column.name);
    columns
}

fn is_swap(first: &Column<'_>, second: &Column<'_>, rest_max: f64) -> bool {
    let own = first.own.distance.min(second.own.distance);
    [
        fit(first.reference, second.current),
        fit(second.reference, first.current),
    ]
    .iter()
    .all(|crossed| {
        crossed.is_some_and(|fit| fit.distance <= fit.noise.max(rest_max * own).min(own / 2.0))
    })
}
