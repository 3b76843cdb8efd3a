//! Assembly: configuration in, running process out.
