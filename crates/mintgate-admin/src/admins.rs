//! Who is an admin: the tokens of the configuration, and those in the store.
//!
//! The store's tokens are held in memory and read anew as soon as this node has seen another revision, so a token that
//! was revoked on any node is refused by the next request after this node has caught up, and by the next one of all on
//! the node that revoked it. Looking one up compares with every one to its end.

use std::sync::{Arc, Mutex};

use mintgate_admin_api::{Role, Via};
use mintgate_apikey::{KeyDigest, KeyFingerprint};
use mintgate_store::{AdminRole, AdminTokenRecord, TokenMark, Within};
use mintgate_types::{ActorName, AdminTokenId, Revision};

use crate::{
    AdminService, AdminToken,
    admin_token::recognise,
    caller::Admin,
    reply::{Refusal, Reply},
};

/// The store's tokens as of a revision.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<Option<Arc<View>>>);

#[derive(Debug)]
struct View {
    seen: Revision,
    records: Vec<AdminTokenRecord>,
}

impl Known {
    /// Reads the tokens anew at the next look, whatever this node has seen.
    pub(crate) fn forget(&self) {
        *self.0.lock().expect("no holder of this lock panics") = None;
    }

    async fn view(&self, service: &AdminService) -> Reply<Arc<View>> {
        // Asked before the store is: what is read then is at least as new.
        let seen = service.replica().revision();
        let known = self.0.lock().expect("no holder of this lock panics").clone();
        if let Some(known) = known.filter(|known| known.seen == seen) {
            return Ok(known);
        }
        let view = Arc::new(View { seen, records: service.store().admin_tokens().await? });
        *self.0.lock().expect("no holder of this lock panics") = Some(Arc::clone(&view));
        Ok(view)
    }
}

/// Whose token was presented, if it works at this moment. All that do not look the same.
pub(crate) async fn admin_of(service: &AdminService, presented: &[u8]) -> Reply<Admin> {
    if let Some(token) = recognise(&service.config().tokens, presented) {
        return Ok(of_config(token));
    }
    if presented.len() > AdminToken::LONGEST {
        return Err(Refusal::InvalidToken);
    }
    let view = service.admin_tokens().view(service).await?;
    let fingerprint = service.pepper().fingerprint(&KeyDigest::of(presented));
    let record = matching(&view.records, &fingerprint).ok_or(Refusal::InvalidToken)?;
    if record.ends().is_some_and(|end| end <= service.now()) {
        return Err(Refusal::InvalidToken);
    }
    Ok(of_record(record))
}

/// The admin of a token of the configuration, if it still is that very token: whoever replaces one that others came to
/// know wants them out, whatever they had opened with it.
pub(crate) fn configured(service: &AdminService, name: &ActorName, mark: &TokenMark) -> Option<Admin> {
    let mut tokens = service.config().tokens.iter();
    tokens.find(|token| token.name().actor() == *name && token.mark(service.pepper()) == *mark).map(of_config)
}

/// Which token of the configuration somebody presented.
pub(crate) fn mark_of(service: &AdminService, presented: &[u8]) -> Option<TokenMark> {
    recognise(&service.config().tokens, presented).map(|token| token.mark(service.pepper()))
}

/// The admin of a token of the store, if it works at this moment.
pub(crate) async fn stored(service: &AdminService, id: AdminTokenId) -> Reply<Option<Admin>> {
    let view = service.admin_tokens().view(service).await?;
    let record = view.records.iter().find(|record| record.id == id);
    Ok(record.filter(|record| record.ends().is_none_or(|end| end > service.now())).map(of_record))
}

fn of_record(record: &AdminTokenRecord) -> Admin {
    Admin {
        name: record.name.clone(),
        id: Some(record.id),
        person: None,
        role: role(record.role),
        within: record.within.clone(),
        expires: record.ends(),
        via: Via::Token,
    }
}

fn matching<'a>(
    records: &'a [AdminTokenRecord],
    fingerprint: &KeyFingerprint,
) -> Option<&'a AdminTokenRecord> {
    // To the end of the list, so that the time taken tells nothing about any of them.
    records
        .iter()
        .fold(None, |found, record| if record.fingerprint == *fingerprint { Some(record) } else { found })
}

fn of_config(token: &AdminToken) -> Admin {
    Admin {
        name: token.name().actor(),
        id: None,
        person: None,
        role: token.role(),
        within: Within::Everything,
        expires: None,
        via: Via::Token,
    }
}

pub(crate) fn role(stored: AdminRole) -> Role {
    match stored {
        AdminRole::Owner => Role::Owner,
        AdminRole::Operator => Role::Operator,
        AdminRole::Auditor => Role::Auditor,
    }
}
