//! JSON to Python.

use pyo3::{
    intern,
    prelude::*,
    types::{PyDict, PyList, PyString},
};
use serde_json::{Map, Value};

pub(crate) fn object<'py>(py: Python<'py>, members: &Map<String, Value>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, member) in members {
        let member = value(py, member)?;
        match known_name(py, name) {
            Some(known) => dict.set_item(known, member)?,
            None => dict.set_item(name, member)?,
        }
    }
    Ok(dict)
}

/// The names that tokens mostly have are made once: half of the time of making a small object goes into its names.
fn known_name<'py>(py: Python<'py>, name: &str) -> Option<&'py Bound<'py, PyString>> {
    Some(match name {
        "iss" => intern!(py, "iss"),
        "sub" => intern!(py, "sub"),
        "aud" => intern!(py, "aud"),
        "exp" => intern!(py, "exp"),
        "iat" => intern!(py, "iat"),
        "nbf" => intern!(py, "nbf"),
        "jti" => intern!(py, "jti"),
        "scope" => intern!(py, "scope"),
        "client_id" => intern!(py, "client_id"),
        "key_id" => intern!(py, "key_id"),
        _ => return None,
    })
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
