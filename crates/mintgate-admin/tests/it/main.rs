//! What can be said of the admin API without a store. The endpoints are driven over the embedded store in
//! `mintgate-server/tests/admin`, because the admin API knows no backend.

mod document;
