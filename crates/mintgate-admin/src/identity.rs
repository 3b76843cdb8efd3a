//! Signing in elsewhere: what the admin API asks of an identity provider.

use std::fmt;

use async_trait::async_trait;
use secrecy::SecretString;

/// Says who somebody is. What they may do is decided here, by the groups that it names.
#[async_trait]
pub trait IdentityProvider: fmt::Debug + Send + Sync + 'static {
    /// Its name, as browsers that come back may state it (RFC 9207).
    fn issuer(&self) -> &str;

    /// Where to send the browser of somebody who wants to sign in.
    async fn begin(&self, attempt: &SignInAttempt) -> Result<String, IdentityError>;

    /// Who came back from there with `code`.
    async fn finish(&self, attempt: &SignInAttempt, code: SecretString) -> Result<Identity, IdentityError>;
}

/// One attempt to sign in, from the way out to the way back. All three are random and used once.
pub struct SignInAttempt {
    /// Binds the way back to the browser that went out (RFC 6749 §10.12).
    pub state: SecretString,
    /// Binds the identity token to this attempt (`OpenID` Connect Core §3.1.2.1).
    pub nonce: SecretString,
    /// Binds the code to this attempt (RFC 7636 §4.1).
    pub code_verifier: SecretString,
}

/// Who somebody is, on the word of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Never given to anybody else there.
    pub subject: String,
    /// Theirs beyond doubt; one that the provider has not verified is left out.
    pub email: Option<String>,
    /// For people to read; anybody may call themselves anything.
    pub name: Option<String>,
    /// What they belong to.
    pub groups: Vec<String>,
}

/// Why nobody was identified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The provider cannot be reached, or is not what the configuration says.
    #[error("the identity provider is not to be had")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It was reached and says no, or what it says does not hold.
    #[error("the identity provider's answer does not hold")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Debug for SignInAttempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SignInAttempt(..)")
    }
}
