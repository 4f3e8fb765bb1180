//! Profiles as SQL aggregates: `column_profile` and `outcome_profile`.
//!
//! One adapter serves every mergeable summary. State and result are the bytes of the profile's own
//! codec, so partial results of several queries, machines or days merge into the whole. Parameters are
//! literal arguments, so a plan that is sent elsewhere needs nothing but the name of the function.

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err, not_impl_err, plan_err};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::expressions::Literal;
use keepwell_core::schema::Kind;
use keepwell_core::schema::Task;
use keepwell_stats::profile::{ClassConfig, ColumnProfile, Mode, OutcomeConfig, OutcomeProfile};
use serde::Deserialize;

use crate::accumulate::{Scratch, push_column};
use crate::fold::{WORD_BYTES, WORDS_MAX};
use crate::outcomes::{OutcomePart, OutcomeScratch, OutcomeValues, push_outcomes, reading};
use crate::values::{ConvertError, Reading, Values, natural_kind};

/// Makes the aggregates known to queries of the context.
pub(crate) fn register(context: &SessionContext) {
    context.register_udaf(AggregateUDF::new_from_impl(Aggregate::<ColumnState>::new()));
    context.register_udaf(AggregateUDF::new_from_impl(Aggregate::<OutcomeState>::new()));
}

/// A mergeable summary that grows by rows.
trait State: Debug + Send + Sync + Sized + 'static {
    /// Name of the SQL function.
    const NAME: &'static str;

    /// An empty summary for these arguments.
    fn try_new(arguments: &Arguments<'_>) -> Result<Self>;

    /// Takes rows; one array per argument of the call.
    fn update(&mut self, arguments: &[ArrayRef]) -> Result<()>;

    /// Adds a summary of other rows.
    fn merge(&mut self, bytes: &[u8]) -> Result<()>;

    fn encode(&self) -> Vec<u8>;

    /// Bytes of memory, roughly.
    fn bytes(&self) -> usize;
}

/// Types of the arguments of a call, and the text of those that are literals.
struct Arguments<'a> {
    args: &'a AccumulatorArgs<'a>,
}

impl Arguments<'_> {
    fn data_type(&self, idx: usize) -> &DataType {
        self.args.expr_fields[idx].data_type()
    }

    /// The text of a literal argument; `None` where there is no such argument.
    fn text(&self, idx: usize) -> Result<Option<&str>> {
        let Some(expr) = self.args.exprs.get(idx) else {
            return Ok(None);
        };
        match expr.downcast_ref::<Literal>().map(Literal::value) {
            Some(
                ScalarValue::Utf8(Some(text))
                | ScalarValue::Utf8View(Some(text))
                | ScalarValue::LargeUtf8(Some(text)),
            ) => Ok(Some(text)),
            _ => plan_err!("expected a text literal as argument {}", idx + 1),
        }
    }
}

/// The adapter between a summary and DataFusion.
struct Aggregate<S> {
    signature: Signature,
    summary: PhantomData<fn() -> S>,
}

impl<S: State> Aggregate<S> {
    fn new() -> Self {
        Self {
            signature: Signature::variadic_any(Volatility::Immutable),
            summary: PhantomData,
        }
    }
}

impl<S: State> Debug for Aggregate<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(S::NAME)
    }
}

impl<S> PartialEq for Aggregate<S> {
    fn eq(&self, other: &Self) -> bool {
        self.signature == other.signature
    }
}

impl<S> Eq for Aggregate<S> {}

impl<S> Hash for Aggregate<S> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.signature.hash(state);
    }
}

impl<S: State> AggregateUDFImpl for Aggregate<S> {
    fn name(&self) -> &str {
        S::NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Binary)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return not_impl_err!("{} has no DISTINCT", S::NAME);
        }
        let state = S::try_new(&Arguments { args: &args })?;
        Ok(Box::new(Growing { state }))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let name = format!("{}_state", args.name);
        Ok(vec![Arc::new(Field::new(name, DataType::Binary, true))])
    }
}

#[derive(Debug)]
struct Growing<S> {
    state: S,
}

impl<S: State> Accumulator for Growing<S> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.state.update(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Binary(Some(self.state.encode())))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.state.bytes()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let states: &BinaryArray = states[0].as_binary();
        states
            .iter()
            .flatten()
            .try_for_each(|bytes| self.state.merge(bytes))
    }
}

fn external(fault: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(fault))
}

fn converted<T>(result: std::result::Result<T, ConvertError>) -> Result<T> {
    match result {
        Ok(values) => Ok(values),
        Err(ConvertError::Impossible) => exec_err!("expected a type that can be read as asked"),
        Err(ConvertError::Value {
            expected, found, ..
        }) => exec_err!("expected {expected}; found `{found}`"),
        Err(ConvertError::Kernel(message)) => exec_err!("{message}"),
    }
}

fn mode(text: Option<&str>) -> Result<Mode> {
    match text {
        None | Some("sketched") => Ok(Mode::Sketched),
        Some("exact") => Ok(Mode::Exact),
        Some(other) => plan_err!("expected the mode exact or sketched; found `{other}`"),
    }
}

/// `column_profile(value [, kind [, mode]])`: kind `auto` goes by the type, mode is `sketched` unless
/// it is `exact`.
#[derive(Debug)]
struct ColumnState {
    profile: ColumnProfile,
    reading: Reading,
    mode: Mode,
    scratch: Scratch,
}

impl State for ColumnState {
    const NAME: &'static str = "column_profile";

    fn try_new(arguments: &Arguments<'_>) -> Result<Self> {
        let kind = match arguments.text(1)? {
            None | Some("auto") => {
                natural_kind(arguments.data_type(0)).unwrap_or(Kind::Categorical)
            }
            Some(text) => text.parse().map_err(external)?,
        };
        let mode = mode(arguments.text(2)?)?;
        Ok(Self {
            profile: ColumnProfile::new(kind, mode),
            reading: Reading::of(kind),
            mode,
            scratch: Scratch::default(),
        })
    }

    fn update(&mut self, arguments: &[ArrayRef]) -> Result<()> {
        let rows = 0..arguments[0].len();
        let values = converted(Values::convert(&arguments[0], self.reading))?;
        push_column(&mut self.profile, &values, rows, &mut self.scratch);
        Ok(())
    }

    fn merge(&mut self, bytes: &[u8]) -> Result<()> {
        let other = ColumnProfile::decode(bytes).map_err(external)?;
        self.profile.merge(other).map_err(external)
    }

    fn encode(&self) -> Vec<u8> {
        self.profile.encode()
    }

    fn bytes(&self) -> usize {
        let numbers = |n: u64| match self.mode {
            Mode::Exact => n as usize * size_of::<f64>(),
            Mode::Sketched => (n as usize).min(4_096) * size_of::<f64>(),
        };
        let n = self.profile.counts().present();
        match &self.profile {
            ColumnProfile::Numeric(_) | ColumnProfile::Embedding(_) => numbers(n),
            ColumnProfile::Categorical(profile) => profile.distinct().min(1 << 16) as usize * 64,
            ColumnProfile::Text(profile) => {
                let words = profile.vocabulary().distinct().min(WORDS_MAX);
                2 * numbers(n) + (words * WORD_BYTES) as usize
            }
            _ => 0,
        }
    }
}

/// `outcome_profile(config, target, prediction, …)`: the configuration is a JSON text. What follows depends on
/// the task: the scores of a classifier; score, query and item of a ranking; nothing else. A classifier whose
/// prediction is `NULL` decides by its scores, a ranking is ordered by them.
#[derive(Debug)]
struct OutcomeState {
    profile: OutcomeProfile,
    config: OutcomeConfig,
    parts: Vec<OutcomePart>,
    scratch: OutcomeScratch,
}

/// The configuration of outcomes as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigText {
    /// The name of a [`Task`]; classification if there is none.
    #[serde(default)]
    task: Option<String>,
    /// Classes with a score, in the order of the arguments.
    #[serde(default)]
    scored_classes: Vec<String>,
    #[serde(default)]
    positive: Option<String>,
    #[serde(default = "threshold_usual")]
    threshold: f64,
    #[serde(default)]
    mode: Option<String>,
}

fn threshold_usual() -> f64 {
    0.5
}

impl ConfigText {
    fn resolve(self) -> Result<OutcomeConfig> {
        let mode = mode(self.mode.as_deref())?;
        let task = self.task.as_deref().map(str::parse::<Task>).transpose();
        let is_classifier = self.positive.is_some() || !self.scored_classes.is_empty();
        let config = match task.map_err(external)? {
            None | Some(Task::Binary | Task::Multiclass) => {
                return Ok(OutcomeConfig::Classes(ClassConfig {
                    mode,
                    scored_classes: self.scored_classes,
                    positive: self.positive,
                    threshold: self.threshold,
                }));
            }
            Some(Task::Regression) => OutcomeConfig::Values(mode),
            Some(Task::Multilabel) => OutcomeConfig::Labels,
            Some(Task::Ranking) => OutcomeConfig::Rankings(mode),
            Some(Task::Text) => OutcomeConfig::Texts,
            Some(Task::Detection) => OutcomeConfig::Boxes,
            Some(other) => return plan_err!("expected a task with outcomes; found {other}"),
        };
        if is_classifier {
            return plan_err!("expected scored_classes and positive for a classifier only");
        }
        Ok(config)
    }
}

/// What the arguments after the configuration are.
fn parts(config: &OutcomeConfig) -> Vec<OutcomePart> {
    use OutcomePart::{Item, Prediction, Query, Score, Target};
    let mut parts = vec![Target, Prediction];
    match config {
        OutcomeConfig::Classes(config) => {
            parts.extend(config.scored_classes.iter().map(|_| Score));
        }
        OutcomeConfig::Rankings(_) => parts.extend([Score, Query, Item]),
        _ => {}
    }
    parts
}

impl State for OutcomeState {
    const NAME: &'static str = "outcome_profile";

    fn try_new(arguments: &Arguments<'_>) -> Result<Self> {
        let Some(text) = arguments.text(0)? else {
            return plan_err!("expected a configuration as the first argument");
        };
        let text: ConfigText = serde_json::from_str(text).map_err(external)?;
        let config = text.resolve()?;
        let parts = parts(&config);
        let n_arguments = arguments.args.exprs.len();
        if n_arguments != 1 + parts.len() {
            return plan_err!(
                "expected the configuration and {parts:?}; found {n_arguments} arguments"
            );
        }
        Ok(Self {
            profile: OutcomeProfile::new(&config),
            config,
            parts,
            scratch: OutcomeScratch::default(),
        })
    }

    fn update(&mut self, arguments: &[ArrayRef]) -> Result<()> {
        let mut values = Vec::with_capacity(self.parts.len());
        for (&part, array) in self.parts.iter().zip(&arguments[1..]) {
            // A literal NULL stands for a column that does not exist.
            if *array.data_type() == DataType::Null && part == OutcomePart::Prediction {
                continue;
            }
            if let Some(reading) = reading(&self.config, part) {
                values.push((part, converted(Values::convert(array, reading))?));
            }
        }
        let values = OutcomeValues::new(&self.config, values);
        let rows = 0..arguments[0].len();
        push_outcomes(&mut self.profile, &values, rows, &mut self.scratch);
        Ok(())
    }

    fn merge(&mut self, bytes: &[u8]) -> Result<()> {
        let other = OutcomeProfile::decode(bytes).map_err(external)?;
        self.profile.merge(other).map_err(external)
    }

    fn encode(&self) -> Vec<u8> {
        self.profile.encode()
    }

    fn bytes(&self) -> usize {
        let number = size_of::<f64>();
        match &self.profile {
            OutcomeProfile::Classes(profile) => {
                let scored = profile.config().scored_classes.len();
                match profile.config().mode {
                    Mode::Exact => profile.rows() as usize * scored * number,
                    Mode::Sketched => scored * 9 * 4_096 * number,
                }
            }
            OutcomeProfile::Values(profile) => match profile.mode() {
                Mode::Exact => profile.rows() as usize * number,
                Mode::Sketched => 4_096 * number,
            },
            OutcomeProfile::Rankings(profile) => match profile.mode() {
                Mode::Exact => profile.items() as usize * 4 * number,
                Mode::Sketched => 2 << 20,
            },
            OutcomeProfile::Boxes(profile) => {
                let boxes = profile.classes().map(|(_, boxes)| boxes.detections().len());
                boxes.sum::<usize>() * 3 * number
            }
            OutcomeProfile::Labels(_) | OutcomeProfile::Texts(_) => 0,
        }
    }
}
