//! A caller of the API. Every answer is held against the contract.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::contract::CONTRACT;

/// Someone who calls: an address, and the headers that say who he is.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    headers: HeaderMap,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| {
            panic!("{} is not JSON: {}", self.status, String::from_utf8_lossy(&self.bytes))
        })
    }

    /// The body, which must come with this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// A problem document with this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body:#}");
        body
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Client {
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base: base.to_owned(), headers: HeaderMap::new() }
    }

    #[must_use]
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        client
    }

    #[must_use]
    pub fn bearer(&self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
        extra: &[(&str, &str)],
    ) -> Answer {
        let mut request =
            self.http.request(method.clone(), format!("{}{path}", self.base)).headers(self.headers.clone());
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        for (name, value) in extra {
            request = request.header(*name, *value);
        }
        let response = request.body(body).send().await.unwrap();
        let answer = Answer {
            status: response.status(),
            headers: response.headers().clone(),
            bytes: response.bytes().await.unwrap().to_vec(),
        };
        let content_type = answer.header("content-type").unwrap_or_default().to_owned();
        let bare = path.split('?').next().unwrap();
        CONTRACT.check(method.as_str(), bare, answer.status.as_u16(), &content_type, &answer.bytes);
        assert!(
            !answer.status.is_server_error() || answer.status == StatusCode::SERVICE_UNAVAILABLE,
            "{method} {path}: {}",
            String::from_utf8_lossy(&answer.bytes)
        );
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Vec::new(), &[]).await
    }

    pub async fn json(&self, method: Method, path: &str, body: &Value, extra: &[(&str, &str)]) -> Answer {
        self.send(method, path, Some("application/json"), serde_json::to_vec(body).unwrap(), extra).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::POST, path, body, &[]).await
    }

    /// A creation, under a key of its own.
    pub async fn create(&self, path: &str, body: &Value) -> Answer {
        let key = uuid::Uuid::now_v7().to_string();
        self.json(Method::POST, path, body, &[("idempotency-key", &key)]).await
    }

    /// An act on a dossier as it was read: its id and version are sent along.
    pub async fn act(&self, dossier: &Value, what: &str, body: &Value) -> Answer {
        let path = format!("/api/v1/dossiers/{}/{what}", dossier["id"].as_str().unwrap());
        let version = format!("\"{}\"", dossier["version"]);
        self.json(Method::POST, &path, body, &[("if-match", &version)]).await
    }

    /// The dossier as this caller sees it now.
    pub async fn read(&self, dossier: &Value) -> Answer {
        self.get(&format!("/api/v1/dossiers/{}", dossier["id"].as_str().unwrap())).await
    }
}
