//! `GET /v1/session/oidc`

use std::time::Duration;

use axum::{extract::State, response::Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use mintgate_admin_api::paths;
use mintgate_types::Entropy;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{Cookie, WithCookies, see_other};
use crate::{
    AdminService, IdentityError, SignInAttempt,
    caller::Peer,
    reply::{Refusal, Reply},
};

/// Go and sign in with the identity provider
///
/// For browsers: sends them there. They come back to `/v1/session/oidc/callback`.
#[utoipa::path(
    get,
    path = paths::SESSION_OIDC,
    tag = "signing in",
    responses(
        (status = 303, description = "To the provider, or back to the console if it is not to be had", headers(("Location" = String, description = "Where to go"), ("Set-Cookie" = String, description = "What binds the way back to this browser"))),
        (status = 404, description = "There is no identity provider", body = mintgate_admin_api::Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many failures; wait", body = mintgate_admin_api::Problem, content_type = "application/problem+json", headers(("Retry-After" = u64, description = "Seconds")))
    )
)]
pub(crate) async fn begin_sign_in(
    State(service): State<AdminService>,
    peer: Peer,
) -> Reply<WithCookies<Response>> {
    let sso = service.sign_in().single_sign_on.as_ref().ok_or(Refusal::NotFound("identity provider"))?;
    service.sign_in_attempts().admit(peer.address(), service.now()).map_err(Refusal::TooManyAttempts)?;
    let attempt = generate(service.entropy());
    match sso.provider.begin(&attempt).await {
        Ok(url) => {
            let cookie = Cookie::Attempt.set(&written(&attempt), service.sign_in().over_tls, PATIENCE);
            Ok(WithCookies(vec![cookie], see_other(&url)))
        }
        Err(error) => {
            log(&error);
            Ok(WithCookies(Vec::new(), see_other(&back_with(&error))))
        }
    }
}

/// Says in the log why nobody was signed in.
pub(super) fn log(error: &IdentityError) {
    let error: &dyn std::error::Error = error;
    tracing::warn!(error, "nobody was signed in");
}

/// The page that tells somebody why they were not signed in.
pub(super) fn back_with(error: &IdentityError) -> String {
    match error {
        IdentityError::Unavailable(_) => back("unavailable"),
        IdentityError::Refused(_) => back("refused"),
    }
}

pub(super) fn back(problem: &'static str) -> String {
    format!("{}?problem={problem}", paths::CONSOLE)
}

fn generate(entropy: &dyn Entropy) -> SignInAttempt {
    let random = || {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(&mut bytes[..]);
        SecretString::from(URL_SAFE_NO_PAD.encode(&bytes[..]))
    };
    SignInAttempt { state: random(), nonce: random(), code_verifier: random() }
}

/// An attempt as a cookie's value. It is the browser's own affair: none of it helps anybody who has not got its code.
fn written(attempt: &SignInAttempt) -> Zeroizing<String> {
    let SignInAttempt { state, nonce, code_verifier } = attempt;
    Zeroizing::new([state, nonce, code_verifier].map(ExposeSecret::expose_secret).join("."))
}

/// An attempt out of a cookie's value.
pub(super) fn read(value: &str) -> Option<SignInAttempt> {
    let mut parts = value.split('.').map(|part| (part.len() == 43).then(|| SecretString::from(part)));
    let attempt =
        SignInAttempt { state: parts.next()??, nonce: parts.next()??, code_verifier: parts.next()?? };
    parts.next().is_none().then_some(attempt)
}

/// How long somebody may take to sign in there.
const PATIENCE: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use mintgate_types::SeededEntropy;

    use super::*;

    #[test]
    fn an_attempt_reads_back_and_nothing_else_does() {
        let attempt = generate(&SeededEntropy::new(1));
        let text = written(&attempt);
        let again = read(&text).expect("what we wrote");
        assert_eq!(again.state.expose_secret(), attempt.state.expose_secret());
        assert_eq!(again.code_verifier.expose_secret(), attempt.code_verifier.expose_secret());
        assert_ne!(attempt.state.expose_secret(), attempt.nonce.expose_secret());
        for bad in ["", "..", &text[1..], &format!("{}.a", *text), &format!("{}.{}", *text, "a".repeat(43))] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
