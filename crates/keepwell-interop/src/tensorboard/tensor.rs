//! Tensors: numbers or texts with a shape.

use prost::Message;

use super::proto::tensor::TensorProto;
use super::wire::{Field, Fields};

/// A tensor, its elements row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Lengths of the dimensions; empty for a single element.
    pub shape: Vec<usize>,
    /// The elements, as many as the product of `shape`.
    pub elements: Elements,
}

/// Elements of a tensor.
#[derive(Debug, Clone, PartialEq)]
pub enum Elements {
    /// Numbers of any type, as the nearest double; 0 and 1 for booleans.
    Numbers(Vec<f64>),
    /// Texts or other bytes.
    Bytes(Vec<Vec<u8>>),
}

/// Elements that a tensor may have of which not all are written: a tensor of equal elements is written as
/// one, so that its bytes do not bound its size.
const FILLED_MAX: usize = 1 << 20;

// Numbers of the types, from `types.proto`.
const FLOAT: i32 = 1;
const DOUBLE: i32 = 2;
const INT32: i32 = 3;
const UINT8: i32 = 4;
const INT16: i32 = 5;
const INT8: i32 = 6;
const STRING: i32 = 7;
const INT64: i32 = 9;
const BOOL: i32 = 10;
const BFLOAT16: i32 = 14;
const UINT16: i32 = 17;
const HALF: i32 = 19;
const UINT32: i32 = 22;
const UINT64: i32 = 23;
const FLOAT8_E5M2: i32 = 24;
const FLOAT8_E4M3FN: i32 = 25;

impl Tensor {
    /// The tensor in a serialised `TensorProto`, or what is wrong with it.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let proto = TensorProto::decode(bytes).map_err(|fault| fault.to_string())?;
        let shape = shape(&proto)?;
        let count = shape
            .iter()
            .try_fold(1_usize, |count, &length| count.checked_mul(length))
            .ok_or_else(|| format!("expected a shape of a tensor; found {shape:?}"))?;
        let elements = if proto.dtype == STRING {
            if proto.string_val.len() != count {
                return Err(miscounted(count, proto.string_val.len()));
            }
            Elements::Bytes(proto.string_val)
        } else if proto.tensor_content.is_empty() {
            Elements::Numbers(filled(listed(&proto)?, count)?)
        } else {
            Elements::Numbers(packed(proto.dtype, &proto.tensor_content, count)?)
        };
        Ok(Self { shape, elements })
    }

    /// The numbers, or `None` of a tensor of texts.
    pub fn numbers(&self) -> Option<&[f64]> {
        match &self.elements {
            Elements::Numbers(numbers) => Some(numbers),
            Elements::Bytes(_) => None,
        }
    }
}

/// The number in a serialised `TensorProto` of one element and any rank, or `None` of any other tensor.
#[inline]
pub(crate) fn scalar(bytes: &[u8]) -> Option<f64> {
    match float_scalar(bytes) {
        Some(value) => Some(f64::from(value)),
        None => match Tensor::decode(bytes).ok()?.numbers()? {
            [value] => Some(*value),
            _ => None,
        },
    }
}

/// The number of a tensor as nearly every writer makes it: one float without dimensions, in one piece.
#[inline]
fn float_scalar(bytes: &[u8]) -> Option<f32> {
    let mut found = None;
    let mut dtype = 0;
    let mut fields = Fields::new(bytes);
    while let Some(field) = fields.next().ok()? {
        match field {
            (1, Field::Varint(number)) => dtype = number,
            (2, Field::Bytes([])) => {}
            // Elements packed, or as the bytes of an array.
            (4 | 5, Field::Bytes(four)) => {
                let four = <[u8; 4]>::try_from(four).ok()?;
                if found.replace(f32::from_le_bytes(four)).is_some() {
                    return None;
                }
            }
            (3, _) => {}
            _ => return None,
        }
    }
    found.filter(|_| dtype == FLOAT as u64)
}

fn shape(proto: &TensorProto) -> Result<Vec<usize>, String> {
    let dims = proto.tensor_shape.iter().flat_map(|shape| &shape.dim);
    dims.map(|dim| {
        usize::try_from(dim.size)
            .map_err(|_| format!("expected a dimension of zero or more; found {}", dim.size))
    })
    .collect()
}

/// `elements` with the last one repeated up to `count`, as writers shorten tensors; none stands for zeros.
fn filled(mut elements: Vec<f64>, count: usize) -> Result<Vec<f64>, String> {
    if elements.len() > count || (elements.len() < count && count > FILLED_MAX) {
        return Err(miscounted(count, elements.len()));
    }
    let last = elements.last().copied().unwrap_or_default();
    elements.resize(count, last);
    Ok(elements)
}

fn miscounted(expected: usize, found: usize) -> String {
    format!("expected {expected} elements; found {found}")
}

/// Numbers of the typed fields.
fn listed(proto: &TensorProto) -> Result<Vec<f64>, String> {
    Ok(match proto.dtype {
        FLOAT => proto
            .float_val
            .iter()
            .map(|&value| f64::from(value))
            .collect(),
        DOUBLE => proto.double_val.clone(),
        INT8 | UINT8 | INT16 | UINT16 | INT32 => proto
            .int_val
            .iter()
            .map(|&value| f64::from(value))
            .collect(),
        INT64 => proto.int64_val.iter().map(|&value| value as f64).collect(),
        UINT32 => proto
            .uint32_val
            .iter()
            .map(|&value| f64::from(value))
            .collect(),
        UINT64 => proto.uint64_val.iter().map(|&value| value as f64).collect(),
        BOOL => proto
            .bool_val
            .iter()
            .map(|&value| f64::from(u8::from(value)))
            .collect(),
        HALF => proto
            .half_val
            .iter()
            .map(|&bits| small(bits as u16, F16))
            .collect(),
        BFLOAT16 => proto
            .half_val
            .iter()
            .map(|&bits| bfloat16(bits as u16))
            .collect(),
        FLOAT8_E5M2 => proto
            .float8_val
            .iter()
            .map(|&bits| small(u16::from(bits), E5M2))
            .collect(),
        FLOAT8_E4M3FN => proto.float8_val.iter().map(|&bits| e4m3fn(bits)).collect(),
        other => return Err(unknown(other)),
    })
}

/// Numbers of `tensor_content`.
fn packed(dtype: i32, bytes: &[u8], count: usize) -> Result<Vec<f64>, String> {
    match dtype {
        FLOAT => read(bytes, count, |four| f64::from(f32::from_le_bytes(four))),
        DOUBLE => read(bytes, count, f64::from_le_bytes),
        INT8 => read(bytes, count, |one| f64::from(i8::from_le_bytes(one))),
        UINT8 => read(bytes, count, |[byte]| f64::from(byte)),
        INT16 => read(bytes, count, |two| f64::from(i16::from_le_bytes(two))),
        UINT16 => read(bytes, count, |two| f64::from(u16::from_le_bytes(two))),
        INT32 => read(bytes, count, |four| f64::from(i32::from_le_bytes(four))),
        UINT32 => read(bytes, count, |four| f64::from(u32::from_le_bytes(four))),
        INT64 => read(bytes, count, |eight| i64::from_le_bytes(eight) as f64),
        UINT64 => read(bytes, count, |eight| u64::from_le_bytes(eight) as f64),
        BOOL => read(bytes, count, |[byte]| f64::from(u8::from(byte != 0))),
        HALF => read(bytes, count, |two| small(u16::from_le_bytes(two), F16)),
        BFLOAT16 => read(bytes, count, |two| bfloat16(u16::from_le_bytes(two))),
        FLOAT8_E5M2 => read(bytes, count, |[byte]| small(u16::from(byte), E5M2)),
        FLOAT8_E4M3FN => read(bytes, count, |[byte]| e4m3fn(byte)),
        other => Err(unknown(other)),
    }
}

fn unknown(dtype: i32) -> String {
    format!("expected numbers or texts; found elements of type {dtype}")
}

fn read<const N: usize>(
    bytes: &[u8],
    count: usize,
    element: impl Fn([u8; N]) -> f64,
) -> Result<Vec<f64>, String> {
    let (elements, rest) = bytes.as_chunks::<N>();
    if elements.len() != count || !rest.is_empty() {
        return Err(format!(
            "expected {count} elements of {N} bytes; found {} bytes",
            bytes.len()
        ));
    }
    Ok(elements.iter().map(|&bytes| element(bytes)).collect())
}

/// Layout of a small floating-point number: bits of the exponent and of the fraction.
#[derive(Clone, Copy)]
struct Layout {
    exponent_bits: u32,
    fraction_bits: u32,
}

const F16: Layout = Layout {
    exponent_bits: 5,
    fraction_bits: 10,
};
const E5M2: Layout = Layout {
    exponent_bits: 5,
    fraction_bits: 2,
};
const E4M3: Layout = Layout {
    exponent_bits: 4,
    fraction_bits: 3,
};

/// The number with these bits by the rules of IEEE 754.
fn small(bits: u16, layout: Layout) -> f64 {
    let exponent_max = (1_u16 << layout.exponent_bits) - 1;
    let exponent = (bits >> layout.fraction_bits) & exponent_max;
    let fraction = bits & ((1 << layout.fraction_bits) - 1);
    if exponent < exponent_max {
        return finite(bits, layout);
    }
    match (fraction, is_negative(bits, layout)) {
        (0, false) => f64::INFINITY,
        (0, true) => f64::NEG_INFINITY,
        _ => f64::NAN,
    }
}

/// The number with these bits where every exponent is one of a finite number.
fn finite(bits: u16, layout: Layout) -> f64 {
    let bias = (1_i32 << (layout.exponent_bits - 1)) - 1;
    let exponent = i32::from((bits >> layout.fraction_bits) & ((1 << layout.exponent_bits) - 1));
    let fraction = f64::from(bits & ((1 << layout.fraction_bits) - 1));
    let unit = 2_f64.powi(-(layout.fraction_bits.cast_signed()));
    let magnitude = match exponent {
        0 => fraction * unit * 2_f64.powi(1 - bias),
        _ => (1.0 + fraction * unit) * 2_f64.powi(exponent - bias),
    };
    if is_negative(bits, layout) {
        -magnitude
    } else {
        magnitude
    }
}

fn is_negative(bits: u16, layout: Layout) -> bool {
    bits >> (layout.exponent_bits + layout.fraction_bits) & 1 == 1
}

/// The upper half of a single.
fn bfloat16(bits: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(bits) << 16))
}

/// This format has no infinity, and NaN only where all bits but the sign are set.
fn e4m3fn(bits: u8) -> f64 {
    if bits & 0x7f == 0x7f {
        f64::NAN
    } else {
        finite(u16::from(bits), E4M3)
    }
}

#[cfg(test)]
mod tests {
    use super::super::proto::tensor::{Dim, TensorShapeProto};
    use super::*;

    fn shaped(sizes: &[i64]) -> Option<TensorShapeProto> {
        Some(TensorShapeProto {
            dim: sizes.iter().map(|&size| Dim { size }).collect(),
        })
    }

    fn decoded(proto: &TensorProto) -> Result<Tensor, String> {
        Tensor::decode(&proto.encode_to_vec())
    }

    fn content(dtype: i32, bytes: &[u8]) -> Option<f64> {
        let proto = TensorProto {
            dtype,
            tensor_content: bytes.to_vec(),
            ..TensorProto::default()
        };
        scalar(&proto.encode_to_vec())
    }

    #[test]
    fn every_number_type_is_read_from_bytes() {
        // Bytes as NumPy and ml_dtypes give them for -2.5, or the nearest that the type has.
        assert_eq!(content(FLOAT, &(-2.5_f32).to_le_bytes()), Some(-2.5));
        assert_eq!(content(DOUBLE, &(-2.5_f64).to_le_bytes()), Some(-2.5));
        assert_eq!(content(HALF, &[0x00, 0xc1]), Some(-2.5));
        assert_eq!(content(BFLOAT16, &[0x20, 0xc0]), Some(-2.5));
        assert_eq!(content(FLOAT8_E5M2, &[0xc1]), Some(-2.5));
        assert_eq!(content(FLOAT8_E4M3FN, &[0xc2]), Some(-2.5));
        assert_eq!(content(INT8, &[0xfe]), Some(-2.0));
        assert_eq!(content(UINT8, &[0xfe]), Some(254.0));
        assert_eq!(content(INT16, &[0xfe, 0xff]), Some(-2.0));
        assert_eq!(content(UINT16, &[0xfe, 0xff]), Some(65534.0));
        assert_eq!(content(INT32, &(-2_i32).to_le_bytes()), Some(-2.0));
        assert_eq!(
            content(UINT32, &u32::MAX.to_le_bytes()),
            Some(4_294_967_295.0)
        );
        assert_eq!(content(INT64, &(-2_i64).to_le_bytes()), Some(-2.0));
        assert_eq!(
            content(UINT64, &(1_u64 << 60).to_le_bytes()),
            Some(2_f64.powi(60))
        );
        assert_eq!(content(BOOL, &[1]), Some(1.0));
        assert_eq!(content(STRING, b"1"), None);
        assert_eq!(content(8, &[0; 8]), None);
    }

    #[test]
    fn halves_at_the_ends_of_their_range() {
        for (bits, value) in [
            (0x0001, 2_f64.powi(-24)),
            (0x03ff, 1023.0 * 2_f64.powi(-24)),
            (0x7bff, 65504.0),
            (0x7c00, f64::INFINITY),
            (0xfc00, f64::NEG_INFINITY),
            (0x3c00, 1.0),
        ] {
            assert_eq!(small(bits, F16).to_bits(), value.to_bits(), "{bits:x}");
        }
        assert!(small(0x7e00, F16).is_nan());
        assert_eq!(e4m3fn(0x7e), 448.0);
        assert!(e4m3fn(0xff).is_nan());
        assert_eq!(small(0x8000, F16).to_bits(), (-0.0_f64).to_bits());
    }

    #[test]
    fn typed_fields_are_read_and_filled_up() {
        let proto = TensorProto {
            dtype: DOUBLE,
            tensor_shape: shaped(&[2, 2]),
            double_val: vec![1.0, 2.0],
            ..TensorProto::default()
        };
        let tensor = decoded(&proto).expect("a tensor");
        assert_eq!(tensor.shape, [2, 2]);
        assert_eq!(tensor.numbers(), Some(&[1.0, 2.0, 2.0, 2.0][..]));
        let zeros = TensorProto {
            double_val: vec![],
            ..proto
        };
        assert_eq!(
            decoded(&zeros).expect("zeros").numbers(),
            Some(&[0.0; 4][..])
        );
    }

    #[test]
    fn one_element_of_any_rank_is_a_scalar() {
        for shape in [None, shaped(&[]), shaped(&[1]), shaped(&[1, 1, 1])] {
            let proto = TensorProto {
                dtype: FLOAT,
                tensor_shape: shape,
                float_val: vec![0.25],
                ..TensorProto::default()
            };
            assert_eq!(scalar(&proto.encode_to_vec()), Some(0.25));
        }
        let two = TensorProto {
            dtype: FLOAT,
            tensor_shape: shaped(&[2]),
            float_val: vec![0.25],
            ..TensorProto::default()
        };
        assert_eq!(scalar(&two.encode_to_vec()), None);
    }

    #[test]
    fn hostile_shapes_are_refused() {
        for sizes in [&[1 << 40][..], &[1 << 32, 1 << 32], &[-1], &[3]] {
            let proto = TensorProto {
                dtype: FLOAT,
                tensor_shape: shaped(sizes),
                float_val: vec![1.0; 4],
                ..TensorProto::default()
            };
            assert!(decoded(&proto).is_err(), "{sizes:?}");
        }
    }
}
