//! The gate that is in force in one worker.

use std::{cell::RefCell, rc::Rc};

use crate::request::Gate;

/// Holds the gate of the moment. A request keeps the one that it began with.
pub(crate) struct Gates(RefCell<Rc<Gate>>);

impl Gates {
    pub(crate) fn new(gate: Gate) -> Rc<Self> {
        Rc::new(Self(RefCell::new(Rc::new(gate))))
    }

    pub(crate) fn current(&self) -> Rc<Gate> {
        Rc::clone(&self.0.borrow())
    }

    pub(crate) fn replace(&self, gate: Gate) {
        *self.0.borrow_mut() = Rc::new(gate);
    }
}
