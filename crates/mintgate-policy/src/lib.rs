//! Routes and permits: which route a request takes and what it asks for. Pure decisions.
