//! SQL over opened tables.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::datasource::TableProvider;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::arrow::ArrowFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use keepwell_core::schema::Kind;

use crate::error::EngineError;
use crate::part::Store;
use crate::session::Session;
use crate::table::Table;
use crate::values::natural_kind;

impl Session {
    /// Makes a table known to queries under a name. Files of text are seen through their temporary
    /// files, so `table` must live as long as it is queried.
    ///
    /// # Errors
    /// If the name is taken or is not a name, or the table is a part of its files.
    pub fn register(&self, name: &str, table: &Table) -> Result<(), EngineError> {
        if !table.parts.iter().all(|part| part.is_whole()) {
            return Err(EngineError::Request {
                expected: "a table of whole files for queries",
                found: format!("some rows of {}", table.name),
            });
        }
        let provider = provider(table).map_err(query)?;
        self.context
            .register_table(name, provider)
            .map(|_| ())
            .map_err(query)
    }

    /// Runs a query. Beside the functions of the engine there are
    /// `column_profile(value [, kind [, mode]])` and
    /// `outcome_profile(config, target, prediction, …)`, which give bytes that
    /// [`ColumnProfile::decode`](keepwell_stats::profile::ColumnProfile::decode) and
    /// [`OutcomeProfile::decode`](keepwell_stats::profile::OutcomeProfile::decode) read. After these arguments
    /// come the scores of a classifier, or score, query and item of a ranking; the configuration is a text such
    /// as `{"task": "regression", "mode": "exact"}`, with a
    /// [`Task`](keepwell_core::schema::Task) by its name, and for classifiers `scored_classes`, `positive` and
    /// `threshold`.
    ///
    /// # Errors
    /// If the query is not valid, or fails while it runs.
    pub async fn sql(&self, text: &str) -> Result<Vec<RecordBatch>, EngineError> {
        let frame = self.context.sql(text).await.map_err(query)?;
        frame.collect().await.map_err(query)
    }
}

fn query(fault: datafusion::error::DataFusionError) -> EngineError {
    EngineError::Query {
        source: Box::new(fault),
    }
}

fn provider(table: &Table) -> datafusion::error::Result<Arc<dyn TableProvider>> {
    let urls = table
        .parts
        .iter()
        .map(|part| {
            let url = format!("file:///{}", percent_encode(part.object.location.as_ref()));
            ListingTableUrl::parse(url)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let is_parquet = table
        .parts
        .iter()
        .all(|part| matches!(part.store, Store::Parquet { .. }));
    let format: Arc<dyn FileFormat> = if is_parquet {
        Arc::new(ParquetFormat::default())
    } else {
        Arc::new(ArrowFormat)
    };
    // Files are named one by one, whatever their ending.
    let options = ListingOptions::new(format).with_file_extension("");
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(options)
        .with_schema(united_schema(table));
    Ok(Arc::new(ListingTable::try_new(config)?))
}

/// One type for each column to which the types of all files can be cast.
fn united_schema(table: &Table) -> SchemaRef {
    let fields: Vec<Field> = table
        .columns
        .iter()
        .map(|column| {
            let mut types = table
                .types(column)
                .filter(|data_type| **data_type != DataType::Null);
            let first = types.next().cloned().unwrap_or(DataType::Null);
            let is_one = types.all(|other| *other == first);
            let data_type = match natural_kind(&first) {
                _ if is_one => first,
                Some(Kind::Numeric) => DataType::Float64,
                Some(Kind::Timestamp) => DataType::Timestamp(TimeUnit::Microsecond, None),
                Some(Kind::Categorical) => DataType::Utf8View,
                _ => first,
            };
            Field::new(&column.name, data_type, true)
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// Escapes all bytes of a path that mean something in a URL.
fn percent_encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for &byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
