//! What takes an origin through all cases, in an order in which none spoils another.

use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use mintgate_types::{Clock, Entropy};

use crate::{
    Algorithm, Plan, Report, Row, Tokens, Verdict,
    case::{Case, Draft},
    cases, compact,
    forge::{Forge, Handed, Named, Profile, Role},
    issuer::{Issuer, Strangers},
    key::SigningKey,
    manners::Manners,
    stages,
    verdict::{Expected, Heard, in_words},
    wire::Dialer,
};

/// An origin, and everything that is needed to attack it.
pub struct Probe {
    pub(crate) plan: Plan,
    pub(crate) dialer: Dialer,
    pub(crate) forge: Forge,
    pub(crate) issuer: Option<Issuer>,
    rows: Vec<Row>,
    manners: Manners,
}

/// Why the kit cannot work at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// The issuer's address cannot be had.
    #[error("the kit's own issuer cannot listen")]
    Listen(#[source] io::Error),
    /// No key could be made.
    #[error("a key could not be generated")]
    Generation,
    /// There is nothing to attack.
    #[error("nobody listens at {origin}: no connection could be made within {wait:?}")]
    NobodyListens {
        /// Where nobody listens.
        origin: String,
        /// For how long somebody could have begun to.
        wait: Duration,
    },
    /// TLS is not to be had.
    #[error("setting up TLS")]
    Tls(#[from] rustls::Error),
}

impl From<aws_lc_rs::error::Unspecified> for ProbeError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Generation
    }
}

impl Probe {
    /// Makes keys and takes the issuer's address. Nothing is sent yet.
    pub fn new(
        plan: Plan,
        tokens: Tokens,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, ProbeError> {
        let dialer = Dialer::new(plan.target.clone(), plan.timeout)?;
        let impostor = SigningKey::generate(Algorithm::Rs256)?;
        let mut impostors_key = impostor.public_jwk();
        for (name, value) in [("kid", "impostor"), ("alg", "RS256"), ("use", "sig")] {
            impostors_key[name] = value.into();
        }
        let (mut ring, mut handed, mut issuer) = (Vec::new(), None, None);
        let name = match tokens {
            Tokens::Own(own) => {
                ring = keys(&plan, entropy.as_ref())?;
                let elsewhere = ring.iter().filter(|named| named.role == Role::Elsewhere).map(Named::jwk);
                let strangers = Strangers { impostor: impostors_key, elsewhere: elsewhere.collect() };
                let listening = Issuer::new(own, strangers).map_err(ProbeError::Listen)?;
                let url = listening.url().to_owned();
                issuer = Some(listening);
                url
            }
            Tokens::Key { issuer, kid, key } => {
                let key = key.into_inner();
                ring.push(Named { role: Role::Main, kid, algorithm: key.usual_algorithm(), key });
                issuer
            }
            Tokens::Handed(tokens) => {
                let crate::HandedTokens { issuer, kid, algorithm, public, fresh } = tokens;
                handed = Some(Handed { kid, algorithm, public, fresh });
                issuer
            }
        };
        let Plan { audience, typ, scopes, .. } = plan.clone();
        let profile = Profile { issuer: name, audience, typ, scopes };
        let impostors_url = issuer.as_ref().map(Issuer::impostors_url);
        let forge = Forge { profile, ring, handed, impostor, impostors_url, clock, entropy };
        Ok(Self { plan, dialer, forge, issuer, rows: Vec::new(), manners: Manners::default() })
    }

    /// Whom the origin has to trust.
    #[must_use]
    pub fn issuer_url(&self) -> &str {
        &self.forge.profile.issuer
    }

    /// Tries everything; `talk` is told what takes its time.
    pub fn run(mut self, talk: &mut dyn FnMut(&str)) -> Result<Report, ProbeError> {
        talk("waiting for the origin to listen");
        if !self.is_listened_to() {
            let origin = self.plan.target.as_str().to_owned();
            return Err(ProbeError::NobodyListens { origin, wait: self.plan.wait });
        }
        let is_accepted = stages::cold::run(&mut self, talk).map_err(ProbeError::Listen)?;
        if is_accepted {
            stages::rotation::run(&mut self, talk);
            talk("sending good and hostile requests");
            for case in cases::all() {
                self.try_case(case);
            }
            stages::fetched::run(&mut self);
            stages::body::run(&mut self, talk);
            stages::outage::run(&mut self, talk).map_err(ProbeError::Listen)?;
            stages::slow::run(&mut self, talk).map_err(ProbeError::Listen)?;
        } else {
            self.skip_the_rest("a good token is refused, so that other refusals prove nothing");
        }
        for row in self.manners.rows() {
            if self.plan.selection.has(&row.id) {
                self.rows.push(row);
            }
        }
        let (target, profile) = (self.plan.target.as_str(), &self.forge.profile);
        Ok(Report::new(target, &profile.issuer, &profile.audience, self.rows))
    }

    fn try_case(&mut self, case: &Case) {
        if !self.plan.selection.has(case.id) {
            return;
        }
        match (case.make)(&self.forge) {
            Some(drafts) => {
                let heard: Vec<Heard> = drafts.iter().map(|draft| self.send(draft)).collect();
                let verdict = case.expected.judge(&heard);
                self.record(case, &heard, verdict);
            }
            None => self.skip(case, "needs a key or a setting that is not there"),
        }
    }

    /// Says a request, and hears the answer.
    pub(crate) fn send(&self, draft: &Draft) -> Heard {
        self.dialer.ask(&self.request(draft))
    }

    /// The same with a token as it should be.
    pub(crate) fn ask(&self, token: &str) -> Heard {
        self.send(&Draft::bearer(token))
    }

    /// Says requests at the same time.
    pub(crate) fn ask_together(&self, drafts: &[Draft]) -> Vec<Heard> {
        let requests: Vec<Vec<u8>> = drafts.iter().map(|draft| self.request(draft)).collect();
        thread::scope(|scope| {
            let asking: Vec<_> =
                requests.iter().map(|request| scope.spawn(|| self.dialer.ask(request))).collect();
            asking.into_iter().map(|one| one.join().expect("asking does not panic")).collect()
        })
    }

    /// The bytes of a request.
    pub(crate) fn request(&self, draft: &Draft) -> Vec<u8> {
        let method = draft.method.unwrap_or(&self.plan.method);
        let mut target = self.plan.target.path().to_owned();
        if let Some(query) = &draft.query {
            target = format!("{target}?{query}");
        }
        let mut bytes = self.head(method, &target);
        for line in &draft.lines {
            bytes.extend_from_slice(line);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"Connection: close\r\n");
        if let Some(form) = &draft.form {
            let kind = "application/x-www-form-urlencoded";
            let lines = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{form}", form.len());
            bytes.extend_from_slice(lines.as_bytes());
        } else {
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    }

    /// What every request begins with.
    pub(crate) fn head(&self, method: &str, target: &str) -> Vec<u8> {
        let host = self.dialer.target().authority();
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n");
        for line in &self.plan.lines {
            head.push_str(line);
            head.push_str("\r\n");
        }
        head.into_bytes()
    }

    /// Adds a row.
    pub(crate) fn record(&mut self, case: &Case, heard: &[Heard], verdict: Verdict) {
        self.record_as(case, heard, verdict, in_words(heard));
    }

    /// Adds a row whose outcome is more than the statuses.
    pub(crate) fn record_as(&mut self, case: &Case, heard: &[Heard], verdict: Verdict, outcome: String) {
        self.manners.notice(case.id, heard);
        if self.plan.selection.has(case.id) {
            self.rows.push(row(case, verdict, outcome));
        }
    }

    pub(crate) fn skip(&mut self, case: &Case, why: &str) {
        self.record_as(case, &[], Verdict::Skipped, why.to_owned());
    }

    fn skip_the_rest(&mut self, why: &str) {
        let done: Vec<String> = self.rows.iter().map(|row| row.id.clone()).collect();
        for case in stages::in_order().filter(|case| !done.iter().any(|id| id == case.id)) {
            self.skip(case, why);
        }
    }

    /// A good token, again and again until it is accepted or the time is over.
    pub(crate) fn wait_for_acceptance(&self, patience: Duration) -> Vec<Heard> {
        let until = Instant::now() + patience;
        let mut heard = Vec::new();
        loop {
            let Some(token) = self.forge.good() else { return heard };
            let answer = self.ask(&token);
            let pause = answer.as_ref().ok().and_then(crate::answer::Answer::retry_after).unwrap_or(PAUSE);
            let is_accepted = Expected::Accepted.judge(std::slice::from_ref(&answer)) == Verdict::Passed;
            heard.push(answer);
            let left = until.saturating_duration_since(Instant::now());
            if is_accepted || left.is_zero() {
                return heard;
            }
            thread::sleep(pause.clamp(PAUSE, LONGEST_PAUSE).min(left));
        }
    }

    /// Whether somebody listens, before the patience for that is over.
    fn is_listened_to(&self) -> bool {
        let until = Instant::now() + self.plan.wait;
        while self.dialer.dial().is_err() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            thread::sleep(PAUSE.min(left));
        }
        true
    }
}

fn row(case: &Case, verdict: Verdict, outcome: String) -> Row {
    Row {
        id: case.id.to_owned(),
        sent: case.sent.to_owned(),
        expected: case.expected.words().to_owned(),
        came: outcome,
        verdict,
        why: case.why.to_owned(),
        marks: case.marks.iter().map(|mark| (*mark).to_owned()).collect(),
    }
}

/// The keys of an issuer of our own.
fn keys(plan: &Plan, entropy: &dyn Entropy) -> Result<Vec<Named>, ProbeError> {
    let name = |what: &str| {
        let mut bytes = [0; 6];
        entropy.fill(&mut bytes);
        format!("{what}-{}", compact::encode(bytes))
    };
    let mut ring = vec![
        Named::generate(Role::Main, Algorithm::Rs256, name("main"))?,
        Named::generate(Role::Encryption, Algorithm::Rs256, name("enc"))?,
        Named::generate(Role::Nameless, Algorithm::Es256, String::new())?,
        Named::generate(Role::Elsewhere, Algorithm::Rs256, name("elsewhere"))?,
        Named::generate(Role::Next, Algorithm::Rs256, name("next"))?,
    ];
    if plan.slow {
        ring.push(Named::generate(Role::Last, Algorithm::Rs256, name("last"))?);
    }
    for algorithm in plan.algorithms.iter().filter(|algorithm| **algorithm != Algorithm::Rs256) {
        ring.push(Named::generate(Role::Other(*algorithm), *algorithm, name(algorithm.name()))?);
    }
    Ok(ring)
}

pub(crate) const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
