//! Laws of checks of whole tables.

use keepwell_core::params::Params;
use keepwell_stats::profile::Mode;
use keepwell_stats::table::{self, TableCheck, TableReading};
use keepwell_testkit::catalog::contrasts;
use keepwell_testkit::conformance::Trial;
use keepwell_testkit::inputs::{Cell, Column};
use keepwell_testkit::random::Random;
use keepwell_testkit::tables::{Table, Tables};

use crate::exceptions::EXCEPTIONS;
use crate::vectors;

fn shared(mode: Mode) -> Vec<(String, Tables)> {
    vectors::of("table")
        .inputs
        .iter()
        .map(|(name, case)| (name.clone(), Tables::from_json(case, mode)))
        .collect()
}

fn run(check: &dyn TableCheck, tables: &Tables) -> Vec<TableReading> {
    check.check(tables.sample(), &Params::defaults(check.parameters()))
}

/// Whether the table as a whole would be reported at a level of 0.05.
fn is_alarm(check: &dyn TableCheck, readings: &[TableReading]) -> bool {
    readings[0].outcome.defined().is_some_and(|found| {
        found.value >= check.limits().warning && found.p_value.is_none_or(|p| p <= 0.05)
    })
}

/// A table in which columns depend on one another, with a target that no feature gives away.
fn simulated(n: usize, random: &mut Random) -> Table {
    let mut numbers = [const { Vec::new() }; 4];
    let (mut cities, mut fuels, mut classes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let speed = 50.0 + 10.0 * random.normal();
        // Without correlation, but dependent: the hard case for a test of correlations.
        let wobble = (speed - 50.0).abs() + 0.5 * random.normal();
        let row = [
            speed,
            speed + 8.0 * random.normal(),
            wobble,
            random.normal().exp(),
        ];
        numbers
            .iter_mut()
            .zip(row)
            .for_each(|(column, value)| column.push(value));
        cities.push(format!("city {}", random.zipf(5)));
        fuels.push(format!("fuel {}", random.below(3)));
        classes.push(u8::from(speed + 10.0 * random.normal() > 50.0).to_string());
    }
    let [speed, power, wobble, price] = numbers.map(Column::numeric);
    let mut table = Table::new([
        ("speed", speed),
        ("power", power),
        ("wobble", wobble),
        ("price", price),
        ("city", Column::categorical(cities)),
        ("fuel", Column::categorical(fuels)),
        ("class", Column::categorical(classes)),
    ]);
    table.target = Some("class".to_owned());
    table.ids = Some((0..n).map(|_| Some(random.bits().to_string())).collect());
    table
}

fn swap(table: &mut Table, first: &str, second: &str) {
    for (name, other) in [(first, second), (second, first)] {
        let column = table.columns.remove(name).expect("a column");
        table.columns.insert(format!("was {other}"), column);
    }
    for name in [first, second] {
        let column = table
            .columns
            .remove(&format!("was {name}"))
            .expect("renamed");
        table.columns.insert(name.to_owned(), column);
    }
}

#[test]
fn two_samples_of_one_table_raise_no_alarm() {
    const PAIRS: u32 = 300;
    let mut trial = Trial::new("table/clean", EXCEPTIONS);
    for (n, m) in [(400, 300), (60, 45), (300, 900)] {
        let mut random = Random::new(81);
        let mut alarms = vec![0; table::ALL.len()];
        for _ in 0..PAIRS {
            let (reference, current) = (simulated(n, &mut random), simulated(m, &mut random));
            let tables = Tables::new(&reference, &current, Mode::Exact);
            for (count, &check) in alarms.iter_mut().zip(table::ALL) {
                *count += u32::from(is_alarm(check, &run(check, &tables)));
            }
        }
        for (count, &check) in alarms.iter().zip(table::ALL) {
            let rate = f64::from(*count) / f64::from(PAIRS);
            // Three standard errors of a share of 0.05 in 300 pairs are 0.038.
            trial.check(check, rate <= 0.05 + 0.038, || {
                format!("{n} and {m} rows: a fault in {rate} of clean tables")
            });
        }
    }
    trial.finish();
}

#[test]
fn a_table_has_no_fault_against_itself() {
    let mut trial = Trial::new("table/identical", EXCEPTIONS);
    let side = simulated(300, &mut Random::new(82));
    for mode in [Mode::Exact, Mode::Sketched] {
        let tables = Tables::new(&side, &side, mode);
        for &check in table::ALL {
            let found = run(check, &tables);
            let is_clean = found.len() == 1 && !is_alarm(check, &found);
            trial.check(check, is_clean, || format!("{mode:?}: {found:?}"));
        }
    }
    trial.finish();
}

/// Tables with one planted fault each: the check that must find it, and the columns that it must name.
fn planted() -> Vec<(&'static str, Vec<&'static str>, Tables)> {
    let mut random = Random::new(83);
    let reference = simulated(400, &mut random);
    let current = simulated(300, &mut random);
    let with = |change: &dyn Fn(&mut Table)| {
        let mut changed = current.clone();
        change(&mut changed);
        Tables::new(&reference, &changed, Mode::Exact)
    };
    let shuffled = {
        let mut column = current.columns["power"].clone();
        random.shuffle(&mut column.cells);
        column
    };
    let mut leaky = reference.clone();
    leaky
        .columns
        .insert("after".to_owned(), reference.columns["class"].clone());
    vec![
        (
            "schema_change",
            vec!["city"],
            with(&|table| drop(table.columns.remove("city"))),
        ),
        (
            "swapped_columns",
            vec!["price", "speed"],
            with(&|table| swap(table, "price", "speed")),
        ),
        (
            "swapped_columns",
            vec!["city", "fuel"],
            with(&|table| swap(table, "city", "fuel")),
        ),
        (
            "duplicate_rows",
            vec![],
            with(&|table| {
                for column in table.columns.values_mut() {
                    column.cells.extend_from_within(..40);
                }
            }),
        ),
        (
            "duplicate_ids",
            vec![],
            with(&|table| {
                let ids = table.ids.as_mut().expect("has identifiers");
                ids.extend_from_within(..40);
            }),
        ),
        (
            "correlation_break",
            vec!["power", "speed"],
            with(&|table| drop(table.columns.insert("power".to_owned(), shuffled.clone()))),
        ),
        (
            "target_leakage",
            vec!["after"],
            Tables::new(&leaky, &current, Mode::Exact),
        ),
    ]
}

#[test]
fn planted_faults_are_found_and_named() {
    let mut trial = Trial::new("table/power", EXCEPTIONS);
    for (id, columns, tables) in planted() {
        for &check in table::ALL.iter().filter(|check| check.info().id == id) {
            let found = run(check, &tables);
            let is_named =
                columns.is_empty() || found.iter().any(|reading| reading.columns == columns);
            trial.check(check, is_alarm(check, &found) && is_named, || {
                format!("{columns:?}: {found:?}")
            });
        }
    }
    // What was served cannot be simulated by tables; a shared input has it.
    for &check in table::ALL {
        let is_found = planted()
            .into_iter()
            .map(|(_, _, tables)| tables)
            .chain(shared(Mode::Exact).into_iter().map(|(_, tables)| tables))
            .any(|tables| is_alarm(check, &run(check, &tables)));
        trial.check(check, is_found, || "finds no fault in any table".to_owned());
    }
    trial.finish();
}

#[test]
fn values_are_in_range_and_the_whole_comes_first() {
    let mut trial = Trial::new("table/range", EXCEPTIONS);
    for mode in [Mode::Exact, Mode::Sketched] {
        for (case, tables) in shared(mode) {
            for &check in table::ALL {
                let found = run(check, &tables);
                let is_in_order = found.first().is_some_and(|whole| whole.columns.is_empty())
                    && found[1..].iter().all(|reading| !reading.columns.is_empty());
                trial.check(check, is_in_order, || format!("{case}: {found:?}"));
                for measure in found.iter().filter_map(|reading| reading.outcome.defined()) {
                    let is_sound = (0.0..=2.0).contains(&measure.value)
                        && measure.p_value.is_none_or(|p| (0.0..=1.0).contains(&p))
                        && measure.interval.is_none_or(|interval| {
                            interval.lower <= measure.value && measure.value <= interval.upper
                        });
                    trial.check(check, is_sound, || format!("{case}: {measure:?}"));
                }
            }
        }
    }
    trial.finish();
}

#[test]
fn nothing_is_undefined_with_a_reason() {
    let mut trial = Trial::new("table/empty", EXCEPTIONS);
    let mut random = Random::new(84);
    let (some, none) = (simulated(50, &mut random), simulated(0, &mut random));
    for (reference, current) in [(&some, &none), (&none, &some), (&none, &none)] {
        let tables = Tables::new(reference, current, Mode::Exact);
        for &check in table::ALL {
            let found = run(check, &tables);
            let is_undefined = found.len() == 1 && found[0].outcome.reason().is_some();
            trial.check(check, is_undefined, || format!("{found:?}"));
        }
    }
    trial.finish();
}

#[test]
fn order_of_rows_does_not_matter() {
    let mut trial = Trial::new("table/order", EXCEPTIONS);
    let mut random = Random::new(85);
    let (reference, current) = (simulated(200, &mut random), simulated(150, &mut random));
    let mut order: Vec<usize> = (0..150).collect();
    random.shuffle(&mut order);
    let mut shuffled = current.clone();
    for column in shuffled.columns.values_mut() {
        let cells: Vec<Cell> = order.iter().map(|&row| column.cells[row].clone()).collect();
        column.cells = cells;
    }
    let whole = Tables::new(&reference, &current, Mode::Exact);
    let other = Tables::new(&reference, &shuffled, Mode::Exact);
    for &check in table::ALL {
        let (found, after) = (run(check, &whole), run(check, &other));
        let is_equal = found.len() == after.len()
            && found.iter().zip(&after).all(|(left, right)| {
                let values = (left.outcome.defined(), right.outcome.defined());
                left.columns == right.columns
                    && match values {
                        (Some(left), Some(right)) => (left.value - right.value).abs() < 1e-12,
                        (left, right) => left.is_none() && right.is_none(),
                    }
            });
        trial.check(check, is_equal, || {
            format!("{found:?}, in another order {after:?}")
        });
    }
    trial.finish();
}

#[test]
fn every_parameter_changes_something() {
    let mut trial = Trial::new("table/parameters", EXCEPTIONS);
    let shared = shared(Mode::Exact);
    for &check in table::ALL {
        for parameter in check.parameters() {
            let pairs = contrasts(check.parameters(), parameter.name);
            let has_effect = shared.iter().any(|(_, tables)| {
                let run = |params: &Params| check.check(tables.sample(), params);
                pairs.iter().any(|(left, right)| run(left) != run(right))
            });
            trial.check(check, has_effect, || {
                format!("`{}` changes nothing", parameter.name)
            });
        }
    }
    trial.finish();
}
