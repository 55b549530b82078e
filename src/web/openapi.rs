//! The public contract, collected from the handlers. What all operations share (failures, security,
//! examples) is added here by rule, so that no handler can forget it.

use actix_web::App;
use serde_json::Value;
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes,
    SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, HttpMethod, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder};
use utoipa_actix_web::AppExt;

use crate::problem::{FieldProblem, Problem};
use crate::routes;

/// Example bodies by operation; tests execute each of them.
const EXAMPLES: &str = include_str!("examples.json");

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "motcua",
        description = "Một cửa thi hành án dân sự: nộp, tiếp nhận, xử lý và trả kết quả năm thủ tục.\n\nOne-window service of civil judgment enforcement: five procedures from submission to returned result.\n\nFailures are problem documents (RFC 9457). Changes need `If-Match`; filings need `Idempotency-Key`, which must be a UUID or at least 32 random characters from callers who have not signed in. Every answer that counts against a limit carries `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds until the whole limit is there again). Instants carry an offset; legal dates are plain dates in Asia/Ho_Chi_Minh; money is whole đồng.",
        license(name = "Apache-2.0 OR MIT"),
    ),
    components(schemas(Problem, FieldProblem)),
    tags(
        (name = "public", description = "Ai cũng đọc được · Open to everyone"),
        (name = "accounts", description = "Tài khoản và phiên làm việc · Accounts and sessions"),
        (name = "filing", description = "Nộp hồ sơ · Filing"),
        (name = "dossiers", description = "Hồ sơ · Dossiers"),
        (name = "intake", description = "Bộ phận Một cửa · At the counter"),
        (name = "office", description = "Xử lý hồ sơ · Inside the agency"),
        (name = "register", description = "Sổ thụ lý · The register of matters"),
        (name = "health", description = "Tình trạng hệ thống · Health"),
    ),
)]
struct Base;

/// The whole contract.
pub fn contract() -> OpenApi {
    let (_, collected) = App::new().into_utoipa_app().configure(routes::mount).split_for_parts();
    let mut contract = Base::openapi();
    contract.merge(collected);
    let examples: Value = serde_json::from_str(EXAMPLES).unwrap_or_default();
    for (path, item) in &mut contract.paths.paths {
        for (_, operation) in operations_mut(item) {
            headers(operation);
            failures(path, operation);
            secure(operation);
            example(operation, &examples);
        }
    }
    let components = contract.components.get_or_insert_default();
    close(components.schemas.get_mut("RulingInput"));
    components.add_security_scheme(
        "session",
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some("Token of a session, also as cookie"))
                .build(),
        ),
    );
    components.add_security_scheme(
        "partner",
        SecurityScheme::OAuth2(OAuth2::new([Flow::ClientCredentials(ClientCredentials::new(
            "/oauth/token",
            Scopes::new(),
        ))])),
    );
    components.add_security_scheme(
        "tracking_key",
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("Tracking-Key"))),
    );
    contract
}

/// The contract as YAML: the text of `openapi.yaml`.
///
/// # Errors
/// When the document cannot be written, which is a bug.
pub fn yaml() -> Result<String, String> {
    contract().to_yaml().map_err(|error| error.to_string())
}

/// The operations of a path.
pub fn operations(item: &PathItem) -> Vec<(HttpMethod, &Operation)> {
    [
        (HttpMethod::Get, &item.get),
        (HttpMethod::Post, &item.post),
        (HttpMethod::Put, &item.put),
        (HttpMethod::Delete, &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
    .collect()
}

fn operations_mut(item: &mut PathItem) -> Vec<(HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Delete, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
    .collect()
}

fn tagged(operation: &Operation, tags: &[&str]) -> bool {
    operation.tags.iter().flatten().any(|tag| tags.contains(&tag.as_str()))
}

fn has_header(operation: &Operation, name: &str) -> bool {
    operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
}

/// Says of a tagged choice that it takes no unknown fields, as reading it refuses them.
fn close(choice: Option<&mut RefOr<Schema>>) {
    let Some(RefOr::T(Schema::OneOf(one_of))) = choice else { return };
    for item in &mut one_of.items {
        if let RefOr::T(Schema::Object(object)) = item {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// How the preconditions are written.
fn headers(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        let pattern = match parameter.name.as_str() {
            "If-Match" => "^\"[0-9]{1,18}\"$",
            "Idempotency-Key" => "^[!-~]{1,200}$",
            _ => continue,
        };
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).build();
        parameter.schema = Some(RefOr::T(text.into()));
    }
}

/// Which failures an operation may answer with, by what it takes and whom it serves.
fn failures(path: &str, operation: &mut Operation) {
    let mut add = vec![("503", "Tạm thời bận · Busy")];
    if !tagged(operation, &["health"]) {
        add.push(("400", "Yêu cầu không đọc được · The request cannot be read"));
        add.push(("429", "Quá nhiều yêu cầu · Too many requests"));
    }
    if path.contains('{') {
        add.push((
            "404",
            "Không tìm thấy, hoặc không dành cho người gọi · Not found, or hidden from the caller",
        ));
    }
    if path.contains("/tracking/") {
        add.push(("401", "Mã truy cập không hợp lệ · The access token is not valid"));
    }
    if tagged(operation, &["accounts", "filing", "dossiers", "intake", "office", "register"])
        || has_header(operation, "Tracking-Key")
    {
        add.push(("401", "Chưa đăng nhập, hoặc mã truy cập hết hạn · Not signed in, or the token expired"));
        add.push(("403", "Không có quyền · Not permitted"));
    }
    if operation.request_body.is_some() {
        add.push(("413", "Quá lớn · Too large"));
        add.push(("415", "Kiểu nội dung không được nhận · The content type is not taken"));
        add.push(("422", "Có mục khai chưa đúng · Some fields are wrong"));
    }
    if path.contains("/calculators/") {
        add.push(("422", "Tham số không dùng được · A parameter cannot be used"));
    }
    if tagged(operation, &["filing", "intake", "office", "accounts"])
        || (tagged(operation, &["register"]) && has_header(operation, "If-Match"))
    {
        add.push(("409", "Trạng thái hiện tại không cho phép · The present state does not allow it"));
    }
    if has_header(operation, "If-Match") {
        add.push(("412", "Người khác đã thay đổi · Someone else changed it"));
        add.push(("428", "Thiếu If-Match · If-Match is missing"));
    }
    if has_header(operation, "Idempotency-Key") {
        add.push(("428", "Thiếu Idempotency-Key · Idempotency-Key is missing"));
    }
    for (status, text) in add {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(text)));
    }
}

fn problem(text: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build();
    ResponseBuilder::new().description(text).content("application/problem+json", content).build()
}

fn secure(operation: &mut Operation) {
    let none: [&str; 0] = [];
    let mut any = Vec::new();
    if tagged(operation, &["filing", "dossiers"]) {
        any.extend([
            SecurityRequirement::new("session", none),
            SecurityRequirement::new("partner", none),
            SecurityRequirement::new("tracking_key", none),
            SecurityRequirement::default(),
        ]);
    } else if tagged(operation, &["intake", "office", "register"]) {
        any.push(SecurityRequirement::new("session", none));
    }
    if !any.is_empty() && operation.security.is_none() {
        operation.security = Some(any);
    }
}

fn example(operation: &mut Operation, examples: &Value) {
    let Some(example) = operation.operation_id.as_ref().and_then(|id| examples.get(id)) else { return };
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    for content in body.content.values_mut() {
        if let RefOr::T(content) = content {
            content.example = Some(example.clone());
        }
    }
}
