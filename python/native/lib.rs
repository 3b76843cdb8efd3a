//! The native part of the Python package: a thin skin over mintgate-verify.
//!
//! It converts arguments, lets other threads run while it verifies or waits for the network, and turns errors into
//! exceptions. It decides nothing, and it holds no private key: nothing here can mint.

mod attached;
mod convert;
mod errors;
mod fork;
mod settings;
mod verifier;

use pyo3::prelude::*;

// On a free-threaded interpreter this turns the lock on again. Nothing here is known to need it; but nothing here has
// been tested without it.
#[pymodule(gil_used = true)]
mod _native {
    #[pymodule_export]
    use super::fork::_after_fork;
    #[pymodule_export]
    use super::verifier::{Verifier, inspect};
}
