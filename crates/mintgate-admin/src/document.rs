//! The OpenAPI document, and the routes that it describes: both come from the same list, so neither can have a path
//! that the other lacks.

use http::Method;
use mintgate_admin_api::Problem;
use utoipa::{
    IntoResponses, OpenApi as _,
    openapi::{
        OpenApi, RefOr, Response,
        path::Operation,
        response::Responses,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    AdminService, admin_tokens, audit, backup, buckets, consumers, duties, health, input, keys, layers, once,
    openapi, running_config, self_service, session, signing_keys, status, usage, whoami,
};

/// The OpenAPI 3.1 document of this API.
#[must_use]
pub fn document() -> OpenApi {
    routes().into_openapi()
}

/// Every endpoint.
pub(crate) fn routes() -> OpenApiRouter<AdminService> {
    let batches = OpenApiRouter::new()
        .routes(routes!(keys::import::import_keys))
        .routes(routes!(consumers::batch::create_consumers))
        .layer(axum::extract::DefaultBodyLimit::max(input::LARGEST_BATCH));
    let mut routes = OpenApiRouter::with_openapi(Head::openapi())
        .routes(routes!(buckets::list::list_buckets, buckets::create::create_bucket))
        .routes(routes!(
            buckets::show::show_bucket,
            buckets::update::update_bucket,
            buckets::delete::delete_bucket
        ))
        .routes(routes!(consumers::find::find_consumers))
        .routes(routes!(consumers::list::list_consumers, consumers::create::create_consumer))
        .routes(routes!(
            consumers::show::show_consumer,
            consumers::update::update_consumer,
            consumers::delete::delete_consumer
        ))
        .routes(routes!(keys::of_consumer::list_consumer_keys, keys::create::create_key))
        .routes(routes!(keys::roll_all::roll_consumer_keys))
        .routes(routes!(keys::find::list_keys))
        .routes(routes!(keys::verify::verify_key))
        .routes(routes!(keys::revoke_many::revoke_keys))
        .routes(routes!(keys::show::show_key, keys::update::update_key))
        .routes(routes!(keys::revoke::revoke_key))
        .routes(routes!(keys::roll::roll_key))
        .routes(routes!(signing_keys::list::list_signing_keys))
        .routes(routes!(signing_keys::rotate::rotate_signing_keys))
        .routes(routes!(signing_keys::retire::retire_signing_key))
        .routes(routes!(admin_tokens::list::list_admin_tokens, admin_tokens::create::create_admin_token))
        .routes(routes!(admin_tokens::show::show_admin_token))
        .routes(routes!(admin_tokens::roll::roll_admin_token))
        .routes(routes!(admin_tokens::revoke::revoke_admin_token))
        .routes(routes!(audit::list::list_audit))
        .routes(routes!(audit::export::export_audit))
        .routes(routes!(audit::verify::verify_audit))
        .routes(routes!(usage::show::show_usage))
        .routes(routes!(usage::top::show_top_usage))
        .routes(routes!(usage::refusals::show_refusals))
        .routes(routes!(status::show_status))
        .routes(routes!(running_config::show_config))
        .routes(routes!(backup::back_up))
        .routes(routes!(whoami::whoami))
        .routes(routes!(session::ways::sign_in_ways))
        .routes(routes!(session::start::sign_in, session::show::show_session, session::end::sign_out))
        .routes(routes!(session::begin::begin_sign_in))
        .routes(routes!(session::finish::finish_sign_in))
        .routes(routes!(self_service::list_consumers::list_own_consumers))
        .routes(routes!(self_service::list_keys::list_own_keys))
        .routes(routes!(self_service::show_key::show_own_key))
        .routes(routes!(self_service::roll_key::roll_own_key))
        .routes(routes!(self_service::show_usage::show_own_usage))
        .routes(routes!(openapi::show_openapi))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .layer(axum::extract::DefaultBodyLimit::max(input::LARGEST_BODY))
        .merge(batches);
    describe_layers(routes.get_openapi_mut());
    routes
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Mintgate admin API",
        description = "Manage buckets, consumers, keys and signing keys. Every reply carries `X-Request-Id`; every \
            refusal is an RFC 9457 problem. Lists come in pages: hand `next_cursor` back as `cursor`. Single things \
            carry an `ETag`; send it back in `If-Match` to change only what you saw. With an `Idempotency-Key`, what is \
            made is made once, however often it is asked for.",
        license(name = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "buckets", description = "Namespaces of consumers"),
        (name = "consumers", description = "Who holds keys"),
        (name = "keys", description = "What callers present"),
        (name = "signing keys", description = "What signs tokens"),
        (name = "admin tokens", description = "Who may manage, and what"),
        (name = "audit", description = "Who did what"),
        (name = "usage", description = "How many requests there were"),
        (name = "signing in", description = "How a browser comes to act for an admin"),
        (name = "self-service", description = "What the managers of consumers see and do. For browsers that signed in with the identity provider; tokens get a 403, and where `admin.self_service` is off everybody a 404"),
        (name = "installation", description = "How everything is"),
    ),
    components(schemas(Problem)),
    security(("admin_token" = [])),
)]
struct Head;

/// Adds what the layers around every endpoint may answer, so that it stands in one place here as it does there.
fn describe_layers(document: &mut OpenApi) {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An admin token. `mintgate init` writes the first one to a file."))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("admin_token", SecurityScheme::Http(scheme));
    let cookie = ApiKeyValue::with_description(
        "mintgate-session",
        "The cookie of a browser that signed in with the identity provider; over TLS its name begins with `__Host-`. \
         Changes need `X-CSRF-Token`, too.",
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (Method::GET, &mut item.get),
            (Method::POST, &mut item.post),
            (Method::PATCH, &mut item.patch),
            (Method::DELETE, &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                describe(operation, layers::is_open(&method, path));
                if path.starts_with(SELF_SERVICE) {
                    let session: [&str; 0] = [];
                    operation.security = Some(vec![SecurityRequirement::new("session", session)]);
                }
            }
        }
    }
}

/// What takes a session and no token.
const SELF_SERVICE: &str = "/v1/self/";

fn describe(operation: &mut Operation, open: bool) {
    if open {
        operation.security = Some(vec![]);
    } else {
        add(&mut operation.responses, Guarded::responses());
        let told = operation.operation_id.as_deref().and_then(duties::told);
        // One member only: their order is not kept.
        operation.extensions = told.map(|told| [("x-for", told)].into_iter().collect());
    }
    once::describe(operation);
    if operation.request_body.is_some() {
        add(&mut operation.responses, WithBody::responses());
    }
    add(&mut operation.responses, Anywhere::responses());
}

pub(crate) fn add(responses: &mut Responses, more: impl IntoIterator<Item = (String, RefOr<Response>)>) {
    for (status, response) in more {
        responses.responses.entry(status).or_insert(response);
    }
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident { $($status:literal = $what:literal),+ $(,)? })*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<String, RefOr<Response>> {
                [$(($status.to_owned(), RefOr::T(refusal($what)))),+].into()
            }
        }
    )*};
}

problems! {
    /// What stands before every endpoint but the health checks.
    Guarded {
        "400" = "The request cannot be read",
        "401" = "No credential, or one that is not known",
        "403" = "The credential does not allow this",
    }
    /// What reading a body may end in.
    WithBody {
        "400" = "The request cannot be read",
        "413" = "The body is too large",
        "415" = "The body is not declared as JSON",
        "422" = "A field is wrong; `errors` says which",
    }
    /// What can happen to any request.
    Anywhere {
        "500" = "Something went wrong on this side; the log has the rest under the request's id",
        "503" = "The store is unavailable, or this node could not be brought up to it",
        "504" = "The request took too long",
    }
    /// For reads whose parameters may not fit together.
    WrongField { "422" = "A parameter is wrong; `errors` says which" }
    /// For endpoints on things that may not be there.
    NotFound { "404" = "There is no such thing" }
    /// For endpoints that may not be there at all.
    SelfService { "404" = "There is no such thing, or no self-service" }
    /// For changes that a manager may make only so often.
    Paced { "429" = "Too many changes in a short time; wait as `Retry-After` says" }
    /// For changes that may contradict what is there.
    Conflict { "409" = "It contradicts what is there; `code` says how" }
    /// For what is made under an `Idempotency-Key`.
    MadeOnce {
        "400" = "The request cannot be read",
        "409" = "The request with this `Idempotency-Key` is still under way",
        "413" = "The body is too large, or the reply too large to be kept",
        "422" = "A field is wrong, or the `Idempotency-Key` was used for another request",
    }
    /// For changes under `If-Match`.
    Stale { "412" = "It has changed since the revision in `If-Match`" }
}

fn refusal(description: &str) -> Response {
    use utoipa::openapi::{Content, Ref, ResponseBuilder};
    let body = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(description).content(Problem::MEDIA_TYPE, body).build()
}
