//! Good tokens of a running gateway, through a consumer that is there for one run.

use std::sync::Arc;

use mintgate_admin_api::{
    CreateConsumer, CreateKey, CreatedConsumer, DEFAULT_BUCKET, IssuedKey, ShownToken, VerifiedKey,
    VerifyKey, paths,
};
use mintgate_probe::HandedTokens;
use mintgate_server::config::BaseUrl;
use mintgate_types::{
    BucketName, Clock as _, ConsumerName, Entropy as _, Label, Managers, OriginName, OsEntropy, Scope,
    ScopeSet, SignedDuration, SystemClock,
};
use serde_json::Value;

use crate::{
    client::{Client, public_document},
    failure::Failure,
};

/// A consumer of a running gateway, made for one run, with a key that ends by itself if the run is cut off.
pub(super) struct Guest {
    client: Arc<Client>,
    bucket: BucketName,
    name: ConsumerName,
}

impl Guest {
    /// Makes the consumer.
    pub(super) fn arrive(client: Client) -> Result<Self, Failure> {
        let mut bytes = [0; 8];
        OsEntropy.fill(&mut bytes);
        let name: ConsumerName = format!("verify-origin-{:016x}", u64::from_le_bytes(bytes)).parse()?;
        let bucket: BucketName = DEFAULT_BUCKET.parse()?;
        let request = CreateConsumer {
            name: name.clone(),
            subject: None,
            metadata: serde_json::Map::default(),
            tags: std::collections::BTreeMap::default(),
            managers: Managers::try_from(Vec::new())?,
            key: None,
        };
        let _: CreatedConsumer = client.create(&paths::consumers(&bucket), &request)?;
        Ok(Self { client: Arc::new(client), bucket, name })
    }

    /// Its key, and the tokens that the gateway would forward to `origin` for it.
    pub(super) fn tokens(
        &self,
        origin: &OriginName,
        scopes: &[String],
    ) -> Result<(HandedTokens, String), Failure> {
        let scopes: Vec<Scope> = scopes.iter().map(|scope| scope.parse()).collect::<Result<_, _>>()?;
        let expires = SystemClock.now().checked_add(LONGEST_RUN).expect("an hour from now is within time");
        let label: Label = "mintgate verify-origin".parse()?;
        let request =
            CreateKey { label: Some(label), scopes: ScopeSet::new(scopes)?, expires: Some(expires) };
        let key: IssuedKey = self.client.create(&paths::consumer_keys(&self.bucket, &self.name), &request)?;
        let question =
            VerifyKey { key: key.secret, scopes: ScopeSet::default(), origin: Some(origin.clone()) };
        let first = shown(&self.client, &question)?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let issuer = text(first.claims.get("iss"));
        let kid = text(first.header.get("kid"));
        let public = published(&issuer, &kid);
        let client = Arc::clone(&self.client);
        let fresh = move || shown(&client, &question).ok()?.value.map(|token| token.expose().to_owned());
        let algorithm = text(first.header.get("alg"));
        let handed = HandedTokens { issuer, kid, algorithm, public, fresh: Box::new(fresh) };
        Ok((handed, first.audience.to_string()))
    }

    /// Takes the consumer away again, and its key with it.
    pub(super) fn leave(self) -> Result<(), Failure> {
        Ok(self.client.delete(&paths::consumer(&self.bucket, &self.name), None)?)
    }
}

fn shown(client: &Client, question: &VerifyKey) -> Result<ShownToken, Failure> {
    let answer: VerifiedKey = client.post(paths::KEYS_VERIFY, question)?;
    let token = answer.token.filter(|token| token.value.is_some());
    token.ok_or_else(|| {
        Failure::refused("the gateway shows tokens to owners alone: use an owner's admin token")
    })
}

/// The public key of that name, if the issuer shows it. Without it some cases are skipped, and that is all.
fn published(issuer: &str, kid: &str) -> Option<Value> {
    let uri: http::Uri = format!("{issuer}/.well-known/jwks.json").parse().ok()?;
    let base: BaseUrl = format!("{}://{}", uri.scheme()?, uri.authority()?).parse().ok()?;
    let set: Value = serde_json::from_slice(&public_document(&base, uri.path())?).ok()?;
    set["keys"].as_array()?.iter().find(|key| key["kid"] == kid).cloned()
}

const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(1);
