//! The class `Verifier`.

use std::{
    borrow::Cow,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use mintgate_types::{ScopeSet, Timestamp};
use mintgate_verify::{Claims, Verified, VerifyError, inspect as inspect_token};
use pyo3::{
    prelude::*,
    types::{PyDict, PyString},
};

use crate::{
    attached::beside_others,
    convert::object,
    errors::{InvalidSetting, verification},
    fork::Renewable,
    settings::{OneOrMore, Place, Plain, Settings, parse_scopes},
};

/// Verifies the tokens of one issuer or of several. Make one and share it between threads.
///
/// ``issuer`` is what a token's ``iss`` must say, and where the keys are found by discovery unless ``jwks_uri`` or
/// ``jwks`` says otherwise. Of several issuers that are found by discovery, each has keys of its own, which verify its
/// tokens only; with ``jwks_uri`` or ``jwks``, they share the keys. ``audience`` is what a token's ``aud`` must say or
/// contain. Both may be lists; neither may be left out. ``typ=None`` takes tokens of any type; ``algorithms=None`` every asymmetric one that the keys allow.
///
/// Times are in seconds. ``leeway``: how far clocks may be apart. ``timeout``: for one fetch of the keys in all.
/// ``max_age``: how long keys are fresh when the issuer does not say. ``cool_down``: the least time between two
/// fetches for the sake of unknown kids. ``stale_limit``: how long the last keys serve while the issuer is down.
///
/// Nothing is fetched before the first call of ``start``, ``warm_up`` or ``verify``; afterwards a thread keeps the
/// keys fresh. After ``fork`` the child begins anew by itself.
#[pyclass(frozen, subclass, module = "mintgate._native")]
pub(crate) struct Verifier {
    renewable: Arc<Renewable>,
}

#[pymethods]
impl Verifier {
    #[new]
    #[pyo3(
        signature = (
            *, issuer, audience, jwks_uri=None, jwks=None, algorithms=None, typ=Some("at+jwt".into()), leeway=10.0,
            scopes=None, timeout=2.5, max_age=300.0, cool_down=30.0, stale_limit=3600.0, remember_tokens=4096,
            allow_plain_http=false,
        ),
        text_signature = "(*, issuer, audience, jwks_uri=None, jwks=None, algorithms=None, typ='at+jwt', \
            leeway=10.0, scopes=None, timeout=2.5, max_age=300.0, cool_down=30.0, stale_limit=3600.0, \
            remember_tokens=4096, allow_plain_http=False)"
    )]
    fn new(
        issuer: OneOrMore,
        audience: OneOrMore,
        jwks_uri: Option<String>,
        jwks: Option<Bound<'_, PyAny>>,
        algorithms: Option<Vec<String>>,
        typ: Option<String>,
        leeway: f64,
        scopes: Option<Bound<'_, PyAny>>,
        timeout: f64,
        max_age: f64,
        cool_down: f64,
        stale_limit: f64,
        remember_tokens: usize,
        allow_plain_http: bool,
    ) -> PyResult<Self> {
        let place = match (jwks_uri, jwks) {
            (None, None) => Place::Issuer,
            (Some(url), None) => Place::Url(url),
            (None, Some(set)) => Place::Json(json_text(&set)?),
            (Some(_), Some(_)) => {
                return Err(InvalidSetting::of("jwks_uri", &"give either jwks_uri or jwks").into());
            }
        };
        let plain = Plain {
            typ,
            leeway,
            timeout,
            max_age,
            cool_down,
            stale_limit,
            remember_tokens,
            allow_plain_http,
        };
        let scopes = read_scopes(scopes)?;
        let settings = Settings::new(&issuer, &audience, place, algorithms.as_deref(), &scopes, &plain)?;
        Ok(Self { renewable: Renewable::new(settings) })
    }

    /// The claims of ``token``, or a ``VerificationError``. ``scopes`` must all be in the token's ``scope``.
    ///
    /// Waits for the network only when the keys are not at hand, and never longer than ``timeout``. With ``now``, in
    /// seconds, the token is judged as of that time and not remembered; for tools and tests.
    #[pyo3(signature = (token, *, scopes=None, now=None))]
    fn verify<'py>(
        &self,
        py: Python<'py>,
        token: &Bound<'py, PyString>,
        scopes: Option<Bound<'py, PyAny>>,
        now: Option<f64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let token = &*readable(token);
        let scopes = read_scopes(scopes)?;
        let current = self.renewable.current();
        let verified = if let Some(now) = now {
            let now = timestamp(now)?;
            py.detach(|| current.verify_at(token, now).map(Arc::new))
        } else if let Some(known) = current.recall(token) {
            // Too short a time to let others run.
            known
        } else {
            beside_others(py, || current.verify(token))
        };
        claims_of(py, verified, &scopes)
    }

    /// As ``verify``, but ``None`` where that would wait for the network: the fetch has begun then. Takes microseconds.
    #[pyo3(signature = (token, *, scopes=None))]
    fn try_verify<'py>(
        &self,
        py: Python<'py>,
        token: &Bound<'py, PyString>,
        scopes: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        let token = &*readable(token);
        let scopes = read_scopes(scopes)?;
        let current = self.renewable.current();
        let known = current.recall(token);
        match known.or_else(|| py.detach(|| try_now(&current, token))) {
            Some(verified) => claims_of(py, verified, &scopes).map(Some),
            None => Ok(None),
        }
    }

    /// Begins to fetch the keys, without waiting for them.
    fn start(&self) {
        self.renewable.current();
    }

    /// Fetches the keys if they are not at hand; ``IssuerUnavailable`` if they cannot be had.
    fn warm_up(&self, py: Python<'_>) -> PyResult<()> {
        let verifier = self.renewable.current();
        py.detach(|| verifier.warm_up()).map_err(|error| verification(py, &error))
    }
}

/// The header and the claims of a token, decoded and NOT VERIFIED: anybody can write such a token. For debugging.
#[pyfunction]
pub(crate) fn inspect<'py>(
    py: Python<'py>,
    token: &Bound<'py, PyString>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let unverified = inspect_token(&readable(token)).map_err(|refusal| verification(py, &refusal.into()))?;
    Ok((object(py, &unverified.header)?, object(py, &unverified.claims)?))
}

/// Half a surrogate pair, which Python's texts may hold and UTF-8 may not, becomes a character that no token has: such a
/// text is a bad token, not a mistake of the caller's.
fn readable<'token>(token: &'token Bound<'_, PyString>) -> Cow<'token, str> {
    token.to_string_lossy()
}

type Verdict = Result<Arc<Verified<Claims>>, VerifyError>;

/// What is known without waiting.
fn try_now(verifier: &Arc<mintgate_verify::Verifier>, token: &str) -> Option<Verdict> {
    let mut verifying = pin!(verifier.verify_async(token));
    match verifying.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(verdict) => Some(verdict),
        Poll::Pending => None,
    }
}

fn claims_of<'py>(py: Python<'py>, verified: Verdict, scopes: &ScopeSet) -> PyResult<Bound<'py, PyDict>> {
    let verified = verified.map_err(|error| verification(py, &error))?;
    if !verified.claims().has_scopes(scopes) {
        return Err(verification(py, &VerifyError::InsufficientScope));
    }
    object(py, verified.claims().all())
}

/// A key set as text, whatever it was given as.
fn json_text(set: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(text) = set.extract::<String>() {
        return Ok(text.into_bytes());
    }
    if let Ok(bytes) = set.extract::<Vec<u8>>() {
        return Ok(bytes);
    }
    let members = PyDict::new(set.py());
    members.update(set.cast()?)?;
    let text: String = set.py().import("json")?.call_method1("dumps", (members,))?.extract()?;
    Ok(text.into_bytes())
}

/// A text, or anything that gives texts when it is gone through.
fn read_scopes(scopes: Option<Bound<'_, PyAny>>) -> PyResult<ScopeSet> {
    let Some(scopes) = scopes else { return Ok(ScopeSet::none()) };
    if let Ok(text) = scopes.extract::<String>() {
        return Ok(parse_scopes(&text)?);
    }
    let texts = scopes.try_iter()?.map(|scope| scope?.extract()).collect::<PyResult<Vec<String>>>()?;
    Ok(parse_scopes(&texts.join(" "))?)
}

fn timestamp(seconds: f64) -> PyResult<Timestamp> {
    if seconds.is_nan() {
        return Err(InvalidSetting::of("now", &"must be a number").into());
    }
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range is refused by the next step")]
    let millis = (seconds * 1000.0) as i64;
    Timestamp::from_millisecond(millis).map_err(|error| InvalidSetting::of("now", &error).into())
}
