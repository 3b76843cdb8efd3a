//! Where the provider's endpoints are (`OpenID` Connect Discovery §4).

use mintgate_verify::{PlainHttp, SourceUrl};
use oauth2::{AuthType, AuthUrl, TokenUrl, http::Request};
use serde::Deserialize;

use crate::{OidcError, fetch::Fetcher};

/// What is used of the discovery document.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints {
    pub(crate) authorization: AuthUrl,
    pub(crate) token: TokenUrl,
    /// How the client shows its secret.
    pub(crate) client_authentication: AuthType,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    /// Left out, it is `client_secret_basic` alone.
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

impl Endpoints {
    /// Asks the provider.
    pub(crate) fn discover(
        issuer: &str,
        plain_http: PlainHttp,
        fetcher: &Fetcher,
    ) -> Result<Self, OidcError> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let request = Request::get(&url).body(Vec::new()).map_err(|_| OidcError::Discovery {
            url: url.as_str().into(),
            problem: "the issuer is no URL",
        })?;
        let answer = fetcher
            .send(request)
            .map_err(|source| OidcError::Transport { url: url.as_str().into(), source: Box::new(source) })?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(OidcError::Status { url: url.into(), status });
        }
        Self::read(answer.body(), issuer, plain_http, &url)
    }

    fn read(text: &[u8], issuer: &str, plain_http: PlainHttp, url: &str) -> Result<Self, OidcError> {
        let wrong = |problem| OidcError::Discovery { url: url.into(), problem };
        let document: Document =
            serde_json::from_slice(text).map_err(|_| wrong("it is no discovery document"))?;
        // A document of another issuer would let one tenant of a host speak for another.
        if document.issuer != issuer {
            return Err(wrong("the discovery document is of another issuer"));
        }
        let checked = |endpoint, address: String| {
            SourceUrl::parse(&address, plain_http)
                .map(|_| address)
                .map_err(|source| OidcError::Endpoint { endpoint, source })
        };
        let authorization = checked("authorization_endpoint", document.authorization_endpoint)?;
        let token = checked("token_endpoint", document.token_endpoint)?;
        let methods = document.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|one| one == method);
        let in_body = takes("client_secret_post") && !takes("client_secret_basic");
        Ok(Self {
            authorization: AuthUrl::new(authorization)
                .map_err(|_| wrong("the authorization_endpoint is no URL"))?,
            token: TokenUrl::new(token).map_err(|_| wrong("the token_endpoint is no URL"))?,
            client_authentication: if in_body { AuthType::RequestBody } else { AuthType::BasicAuth },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://id.example/tenant";

    fn read(text: &str) -> Result<Endpoints, OidcError> {
        Endpoints::read(text.as_bytes(), ISSUER, PlainHttp::LoopbackOnly, "the document")
    }

    fn document(issuer: &str, token: &str, methods: &str) -> String {
        format!(
            r#"{{"issuer":"{issuer}","authorization_endpoint":"https://id.example/auth?tenant=1",
                "token_endpoint":"{token}"{methods}}}"#
        )
    }

    #[test]
    fn a_document_says_where_to_go_and_how_to_show_the_secret() {
        let basic = read(&document(ISSUER, "https://id.example/token", "")).expect("a document");
        assert_eq!(basic.token.as_str(), "https://id.example/token");
        assert!(matches!(basic.client_authentication, AuthType::BasicAuth));
        let methods = r#","token_endpoint_auth_methods_supported":["client_secret_post"]"#;
        let posted = read(&document(ISSUER, "https://id.example/token", methods)).expect("a document");
        assert!(matches!(posted.client_authentication, AuthType::RequestBody));
    }

    #[test]
    fn a_document_of_another_issuer_is_refused() {
        for other in ["https://id.example/other", "https://id.example/tenant/", ""] {
            let refused = read(&document(other, "https://id.example/token", ""));
            assert!(matches!(refused, Err(OidcError::Discovery { .. })), "{other}");
        }
        assert!(matches!(read("<html>"), Err(OidcError::Discovery { .. })));
    }

    #[test]
    fn the_secret_goes_nowhere_in_the_clear() {
        let refused = read(&document(ISSUER, "http://id.example/token", ""));
        assert!(matches!(refused, Err(OidcError::Endpoint { endpoint: "token_endpoint", .. })));
        assert!(read(&document(ISSUER, "http://127.0.0.1:9/token", "")).is_ok());
    }
}
