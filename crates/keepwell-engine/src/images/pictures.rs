//! Images as a column holds them: by path, or as bytes.

use std::path::Path;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryViewArray, StringViewArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;

use super::decode;
use crate::error::{EngineError, shorten_start};
use crate::lists::is_binary;
use crate::note::ImageFault;
use crate::values::{natural_kind, type_name};

/// The images of a column and a batch.
pub(super) struct Pictures {
    paths: Option<StringViewArray>,
    bytes: Option<BinaryViewArray>,
}

/// Fields of a struct that holds an image, as libraries for data sets write it.
const BYTES_FIELD: &str = "bytes";
const PATH_FIELD: &str = "path";

impl Pictures {
    /// Paths, bytes, or a struct with fields for both.
    pub(super) fn try_new(array: &ArrayRef, column: &str) -> Result<Self, EngineError> {
        let kernel = |fault| EngineError::internal(&fault);
        let texts = |array: &ArrayRef| -> Result<StringViewArray, EngineError> {
            let array = cast(array, &DataType::Utf8View).map_err(kernel)?;
            Ok(array.as_string_view().clone())
        };
        let binaries = |array: &ArrayRef| -> Result<BinaryViewArray, EngineError> {
            let array = cast(array, &DataType::BinaryView).map_err(kernel)?;
            Ok(array.as_binary_view().clone())
        };
        let data_type = array.data_type();
        let is_text = |data_type: &DataType| {
            matches!(
                natural_kind(data_type),
                None | Some(keepwell_core::schema::Kind::Categorical)
            )
        };
        if is_text(data_type) {
            return Ok(Self {
                paths: Some(texts(array)?),
                bytes: None,
            });
        }
        if is_binary(data_type) {
            return Ok(Self {
                paths: None,
                bytes: Some(binaries(array)?),
            });
        }
        let fields = array.as_struct_opt();
        let field = |name| fields.and_then(|fields| fields.column_by_name(name));
        let bytes = field(BYTES_FIELD).filter(|own| is_binary(own.data_type()));
        let paths = field(PATH_FIELD).filter(|own| is_text(own.data_type()));
        if bytes.is_none() && paths.is_none() {
            return Err(EngineError::KindImpossible {
                column: column.to_owned(),
                expected: "images, by their paths or as their bytes",
                data_type: type_name(data_type).to_owned(),
            });
        }
        Ok(Self {
            paths: paths.map(texts).transpose()?,
            bytes: bytes.map(binaries).transpose()?,
        })
    }

    /// Decodes the image of a row and describes it; `None` where the row has none. Paths count from `folder`.
    pub(super) fn describe<T>(
        &self,
        row_idx: usize,
        folder: &Path,
        describe: impl FnOnce(&decode::Pixels) -> T,
    ) -> Option<Result<T, ImageFault>> {
        if let Some(bytes) = self.bytes.as_ref().filter(|own| own.is_valid(row_idx)) {
            return Some(decode::decode(bytes.value(row_idx), describe));
        }
        let paths = self.paths.as_ref().filter(|own| own.is_valid(row_idx))?;
        let path = folder.join(paths.value(row_idx));
        Some(decode::read(&path).and_then(|bytes| decode::decode(&bytes, describe)))
    }

    /// What to call the image of a row: its path, if it has one.
    pub(super) fn name(&self, row_idx: usize) -> Option<String> {
        let paths = self.paths.as_ref().filter(|own| own.is_valid(row_idx))?;
        Some(shorten_start(paths.value(row_idx), 80))
    }
}
