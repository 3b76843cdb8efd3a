//! What can go wrong between us and the provider. For the log: whoever signs in is told no more than the kind.

use mintgate_verify::{InvalidSource, VerifyError};

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// The provider could not be reached, or not in time.
    #[error("{url}")]
    Transport {
        /// What was asked for.
        url: Box<str>,
        /// What happened.
        #[source]
        source: Box<ureq::Error>,
    },
    /// An answer other than 200.
    #[error("{url}: status {status}")]
    Status {
        /// What was asked for.
        url: Box<str>,
        /// What came.
        status: u16,
    },
    /// A discovery document that is none, or is another provider's.
    #[error("{url}: {problem}")]
    Discovery {
        /// What was asked for.
        url: Box<str>,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// An endpoint to which nothing secret may be sent.
    #[error("the provider's {endpoint} is refused")]
    Endpoint {
        /// Its name in the discovery document.
        endpoint: &'static str,
        /// Why.
        #[source]
        source: InvalidSource,
    },
    /// The provider took the code and gave nothing for it.
    #[error("the provider does not take the code: {0}")]
    CodeRefused(String),
    /// There was no identity token in its answer.
    #[error("the provider's answer has no identity token")]
    NoIdentityToken,
    /// An identity token that is not good.
    #[error("the identity token is not acceptable")]
    Token(#[from] VerifyError),
    /// An identity token for another attempt, or for another client.
    #[error("the identity token's {0} is not the expected one")]
    Mismatch(&'static str),
    /// The work was dropped.
    #[error("the node is stopping")]
    Stopping,
}

impl OidcError {
    /// Whether another try may end otherwise, so that nobody is to blame but the provider or the network.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Token(error) => matches!(error, VerifyError::Unavailable { .. }),
            Self::Transport { .. }
            | Self::Status { .. }
            | Self::Discovery { .. }
            | Self::Endpoint { .. }
            | Self::Stopping => true,
            Self::CodeRefused(_) | Self::NoIdentityToken | Self::Mismatch(_) => false,
        }
    }
}
