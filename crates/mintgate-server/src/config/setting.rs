//! Values of settings: how each kind is read, and how it is described to editors.

use std::{net::SocketAddr, ops::Range};

use mintgate_policy::{HostName, KeyHeader, KeyQuery, PathPattern, PathPrefix};
use mintgate_signing::{ClaimSource, SigningAlgorithm};
use mintgate_types::{Audience, BucketName, OriginName, RouteName, Scope};
use serde_json::{Value as Json, json};
use toml::{Spanned, de::DeValue};

/// A value and where it stands; nowhere, if it is a default.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Option<Range<usize>>,
}

impl<T> At<T> {
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> At<U> {
        At { value: change(self.value), span: self.span }
    }
}

/// What is wrong with a value.
#[derive(Debug)]
pub(crate) struct Complaint {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// Something that a setting can hold.
pub(crate) trait Setting: Sized {
    /// Its JSON Schema.
    fn schema() -> Json;

    /// Reads it, or says everything that is wrong with it.
    fn read(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Complaint>>;
}

/// A setting that is written as text. The rest follows from `FromStr`.
pub(crate) trait TextSetting: Sized {
    /// Reads the text, or says why not and what to do.
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)>;

    /// What the JSON Schema says besides `"type": "string"`.
    fn shape() -> Json {
        json!({})
    }
}

impl<T: TextSetting> Setting for T {
    fn schema() -> Json {
        let mut schema = T::shape();
        schema["type"] = json!("string");
        schema
    }

    fn read(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Complaint>> {
        let complain = |(message, hint)| vec![Complaint { span: value.span(), message, hint }];
        let DeValue::String(text) = value.get_ref() else {
            return Err(complain((
                format!("a string is needed, not {}", kind(value.get_ref())),
                quoted(value),
            )));
        };
        T::from_text(text).map_err(complain)
    }
}

/// Text settings whose own error says enough.
macro_rules! text_settings {
    ($($type:ty),+ $(,)?) => {$(
        impl TextSetting for $type {
            fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
                text.parse().map_err(|error| (chain(&error), None))
            }
        }
    )+};
}

text_settings!(
    Audience,
    BucketName,
    OriginName,
    RouteName,
    Scope,
    HostName,
    PathPattern,
    PathPrefix,
    KeyHeader,
    KeyQuery,
    ClaimSource
);

impl TextSetting for SocketAddr {
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        let hint = || {
            let port = text.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).unwrap_or(8080);
            Some(format!("write an IP address and a port, such as `127.0.0.1:{port}` or `[::]:{port}`"))
        };
        text.parse().map_err(|_| ("not an address to listen on".to_owned(), hint()))
    }
}

impl TextSetting for SigningAlgorithm {
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        let names = Self::ALL.map(Self::as_str);
        text.parse().map_err(|error| (chain(&error), did_you_mean(text, names)))
    }

    fn shape() -> Json {
        json!({ "enum": Self::ALL.map(Self::as_str) })
    }
}

/// Free text, read further where its meaning depends on other settings.
#[derive(Debug, Clone)]
pub(crate) struct Text(pub(crate) String);

impl TextSetting for Text {
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        Ok(Self(text.to_owned()))
    }
}

impl Setting for bool {
    fn schema() -> Json {
        json!({ "type": "boolean" })
    }

    fn read(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Complaint>> {
        let DeValue::Boolean(flag) = value.get_ref() else {
            let message = format!("`true` or `false` is needed, not {}", kind(value.get_ref()));
            return Err(vec![Complaint { span: value.span(), message, hint: None }]);
        };
        Ok(*flag)
    }
}

impl Setting for u32 {
    fn schema() -> Json {
        json!({ "type": "integer", "minimum": 0 })
    }

    fn read(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Complaint>> {
        let complain = |message| vec![Complaint { span: value.span(), message, hint: None }];
        let DeValue::Integer(number) = value.get_ref() else {
            return Err(complain(format!("a whole number is needed, not {}", kind(value.get_ref()))));
        };
        Self::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| complain(format!("a whole number from 0 to {} is needed", Self::MAX)))
    }
}

impl<T: Setting> Setting for Vec<At<T>> {
    fn schema() -> Json {
        json!({ "type": "array", "items": T::schema() })
    }

    fn read(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Complaint>> {
        let DeValue::Array(items) = value.get_ref() else {
            let message = format!("a list is needed, not {}", kind(value.get_ref()));
            let hint = Some("put it in square brackets".to_owned());
            return Err(vec![Complaint { span: value.span(), message, hint }]);
        };
        let mut list = Self::new();
        let mut complaints = Vec::new();
        for item in items {
            match T::read(item) {
                Ok(value) => list.push(At { value, span: Some(item.span()) }),
                Err(more) => complaints.extend(more),
            }
        }
        if complaints.is_empty() { Ok(list) } else { Err(complaints) }
    }
}

/// One of several words.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// The word in the configuration.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl $crate::config::setting::TextSetting for $name {
            fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
                const WORDS: &[&str] = &[$($word),+];
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err((
                        format!("must be one of `{}`", WORDS.join("`, `")),
                        $crate::config::setting::did_you_mean(text, WORDS.iter().copied()),
                    )),
                }
            }

            fn shape() -> serde_json::Value {
                serde_json::json!({ "enum": [$($word),+] })
            }
        }
    };
}
pub(crate) use choice;

/// `did you mean …`, when one of `known` is close to `given`.
pub(crate) fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let nearest = known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&given.to_lowercase(), &word.to_lowercase()), word))
        .min_by_key(|(distance, _)| *distance);
    let (distance, word) = nearest?;
    (distance <= given.chars().count().max(3) / 3).then(|| format!("did you mean `{word}`?"))
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// What kind of value it is, for people.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn quoted(value: &Spanned<DeValue<'_>>) -> Option<String> {
    matches!(value.get_ref(), DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_))
        .then(|| "put it in quotes, with its unit if it has one".to_owned())
}
