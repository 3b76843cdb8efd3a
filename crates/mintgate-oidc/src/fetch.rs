//! Requests to the provider: bounded in time and size, without redirects.

use std::{sync::Arc, time::Duration};

use oauth2::{HttpRequest, HttpResponse, http::Response};
use rustls::crypto::aws_lc_rs;
use ureq::{
    Agent,
    tls::{RootCerts, TlsConfig, TlsProvider},
};

/// Sends requests to the provider.
pub(crate) struct Fetcher {
    agent: Agent,
}

impl Fetcher {
    pub(crate) fn new(timeout: Duration) -> Self {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(timeout))
            // A redirect would carry the code and the client's secret to where nobody configured it to go.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .max_idle_connections(0)
            .max_response_header_size(LONGEST_HEADERS)
            .user_agent(concat!("mintgate/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { agent }
    }

    /// Sends a request and reads the whole answer, whatever its status.
    pub(crate) fn send(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (head, mut body) = self.agent.run(request)?.into_parts();
        let body = body.with_config().limit(LONGEST_BODY).read_to_vec()?;
        Ok(Response::from_parts(head, body))
    }
}

const LONGEST_HEADERS: usize = 32 * 1024;
const LONGEST_BODY: u64 = 256 * 1024;
