//! Secrets stay where they belong, and management is apart from the data listener.

mod access;
mod audit;
mod health;
mod reference;
mod secrecy;
