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
use keepwell_stats::profile::{ColumnProfile, Mode, ClassConfig, ClassOutcomes};
use serde::Deserialize;

use crate::accumulate::{OutcomeValues, Scratch, push_column, push_outcomes};
use crate::names::{Names, Spelling};
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
            reading: Reading { kind, epoch: None },
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
        match (&self.profile, self.mode) {
            (ColumnProfile::Numeric(profile), Mode::Exact) => {
                profile.counts().present() as usize * size_of::<f64>()
            }
            (ColumnProfile::Numeric(profile), Mode::Sketched) => {
                (profile.counts().present() as usize).min(4_096) * size_of::<f64>()
            }
            (ColumnProfile::Categorical(profile), _) => {
                profile.distinct().min(1 << 16) as usize * 64
            }
            _ => 0,
        }
    }
}

/// `outcome_profile(config, target, prediction, score, …)`: the configuration is a JSON text, a
/// prediction of `NULL` means that the decision is taken from the scores.
#[derive(Debug)]
struct OutcomeState {
    profile: ClassOutcomes,
    scratch: Scratch,
}

/// The configuration of outcomes as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigText {
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

impl State for OutcomeState {
    const NAME: &'static str = "outcome_profile";

    fn try_new(arguments: &Arguments<'_>) -> Result<Self> {
        let Some(text) = arguments.text(0)? else {
            return plan_err!("expected a configuration as the first argument");
        };
        let text: ConfigText = serde_json::from_str(text).map_err(external)?;
        let n_arguments = arguments.args.exprs.len();
        if n_arguments != 3 + text.scored_classes.len() {
            return plan_err!(
                "expected configuration, target, prediction and {} scores; found {n_arguments} arguments",
                text.scored_classes.len()
            );
        }
        let config = ClassConfig {
            mode: mode(text.mode.as_deref())?,
            scored_classes: text.scored_classes,
            positive: text.positive,
            threshold: text.threshold,
        };
        Ok(Self {
            profile: ClassOutcomes::new(config),
            scratch: Scratch::default(),
        })
    }

    fn update(&mut self, arguments: &[ArrayRef]) -> Result<()> {
        let names = |array: &ArrayRef| match array.data_type() {
            DataType::Null => Ok(None),
            _ => converted(Names::try_new(array, Spelling::AsClass)).map(Some),
        };
        let mut scores = Vec::with_capacity(arguments.len() - 3);
        for array in &arguments[3..] {
            let reading = Reading {
                kind: Kind::Numeric,
                epoch: None,
            };
            if let Values::Numbers(numbers) = converted(Values::convert(array, reading))? {
                scores.push(numbers);
            }
        }
        let values = OutcomeValues {
            target: names(&arguments[1])?,
            prediction: names(&arguments[2])?,
            scores,
        };
        let rows = 0..arguments[0].len();
        push_outcomes(&mut self.profile, &values, rows, &mut self.scratch);
        Ok(())
    }

    fn merge(&mut self, bytes: &[u8]) -> Result<()> {
        let other = ClassOutcomes::decode(bytes).map_err(external)?;
        self.profile.merge(other).map_err(external)
    }

    fn encode(&self) -> Vec<u8> {
        self.profile.encode()
    }

    fn bytes(&self) -> usize {
        let scored = self.profile.config().scored_classes.len();
        match self.profile.config().mode {
            Mode::Exact => self.profile.rows() as usize * scored * size_of::<f64>(),
            Mode::Sketched => scored * 9 * 4_096 * size_of::<f64>(),
        }
    }
}
