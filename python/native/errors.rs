//! The one place that turns errors into exceptions. Their classes are written in Python, in `mintgate.errors`.

use mintgate_verify::{InvalidPolicy, InvalidSource, VerifyError};
use pyo3::{exceptions::PyValueError, prelude::*, sync::PyOnceLock, types::PyType};

/// A setting that makes no verifier.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidSetting {
    #[error(transparent)]
    Policy(#[from] InvalidPolicy),
    #[error(transparent)]
    Source(#[from] InvalidSource),
    #[error("{name}: {problem}")]
    Setting { name: &'static str, problem: String },
}

impl InvalidSetting {
    pub(crate) fn of(name: &'static str, problem: &dyn ToString) -> Self {
        Self::Setting { name, problem: problem.to_string() }
    }
}

impl From<InvalidSetting> for PyErr {
    fn from(error: InvalidSetting) -> Self {
        PyValueError::new_err(error.to_string())
    }
}

pub(crate) fn verification(py: Python<'_>, error: &VerifyError) -> PyErr {
    let (class, retry_after) = match error {
        VerifyError::Expired => (class(py, &EXPIRED, "TokenExpired"), None),
        VerifyError::InsufficientScope => (class(py, &SCOPE, "InsufficientScope"), None),
        VerifyError::Unavailable { retry_after, .. } => {
            (class(py, &UNAVAILABLE, "IssuerUnavailable"), Some(retry_after.as_secs_f64()))
        }
        // What may be added to the errors later is an invalid token until it is told apart.
        _ => (class(py, &INVALID, "TokenInvalid"), None),
    };
    let (message, reason) = (error.to_string(), error.reason());
    match (class, retry_after) {
        (Ok(class), None) => PyErr::from_type(class, (message, reason)),
        (Ok(class), Some(seconds)) => PyErr::from_type(class, (message, reason, seconds)),
        (Err(broken), _) => broken,
    }
}

fn class<'py>(
    py: Python<'py>,
    cell: &'py PyOnceLock<Py<PyType>>,
    name: &str,
) -> PyResult<Bound<'py, PyType>> {
    cell.import(py, "mintgate.errors", name).cloned()
}

static EXPIRED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static INVALID: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static SCOPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static UNAVAILABLE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
