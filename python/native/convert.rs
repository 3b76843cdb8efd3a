//! JSON to Python.

use pyo3::{
    prelude::*,
    types::{PyDict, PyList},
};
use serde_json::{Map, Value};

pub(crate) fn object<'py>(py: Python<'py>, members: &Map<String, Value>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, member) in members {
        dict.set_item(name, value(py, member)?)?;
    }
    Ok(dict)
}

/// As `json.loads` would have it. The nesting is limited by the parser that made the value.
fn value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(truth) => truth.into_pyobject(py)?.to_owned().into_any(),
        Value::String(text) => text.into_pyobject(py)?.into_any(),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => integer.into_pyobject(py)?.into_any(),
            (None, Some(integer)) => integer.into_pyobject(py)?.into_any(),
            (None, None) => number.as_f64().into_pyobject(py)?.into_any(),
        },
        Value::Array(values) => {
            let list = PyList::empty(py);
            for one in values {
                list.append(self::value(py, one)?)?;
            }
            list.into_any()
        }
        Value::Object(members) => object(py, members)?.into_any(),
    })
}
