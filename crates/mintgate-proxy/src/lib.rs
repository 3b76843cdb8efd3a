//! The data plane: listen, check, exchange, forward.
