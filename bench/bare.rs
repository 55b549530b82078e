//! The least a handler can do: take a connection, run the statements it was given, answer with
//! bytes it was given. What our reads cost beyond this is ours. Used by `bench/run` alone.
//!
//! `bare ADDRESS DATABASE_URL STATEMENTS_FILE BODY_FILE`; statements are separated by a line `--`.

#![expect(clippy::unwrap_used, reason = "a measuring tool may simply stop")]
#![expect(clippy::disallowed_methods, reason = "it has nothing to do with the application")]

use std::sync::{Arc, Mutex};

use actix_web::{App, HttpResponse, HttpServer, web};
use tokio::sync::Semaphore;
use tokio_postgres::{Client, NoTls, Statement};

/// As many connections as `motcua serve` has by default.
const CONNECTIONS: usize = 16;

struct Shared {
    free: Semaphore,
    idle: Mutex<Vec<(Client, Vec<Statement>)>>,
    body: Vec<u8>,
}

async fn answer(shared: web::Data<Arc<Shared>>) -> HttpResponse {
    let _place = shared.free.acquire().await.unwrap();
    let (client, statements) = shared.idle.lock().unwrap().pop().unwrap();
    for statement in &statements {
        client.query(statement, &[]).await.unwrap();
    }
    shared.idle.lock().unwrap().push((client, statements));
    HttpResponse::Ok().content_type("application/json").body(shared.body.clone())
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [address, url, statements, body] = words.as_slice() else { panic!("four words") };
    let statements = std::fs::read_to_string(statements).unwrap();
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let mut prepared = Vec::new();
        for statement in statements.split("\n--\n").filter(|text| !text.trim().is_empty()) {
            prepared.push(client.prepare(statement).await.unwrap());
        }
        idle.push((client, prepared));
    }
    let body = std::fs::read(body).unwrap();
    let shared = Arc::new(Shared { free: Semaphore::new(CONNECTIONS), idle: Mutex::new(idle), body });
    let shared = web::Data::new(shared);
    HttpServer::new(move || App::new().app_data(shared.clone()).default_service(web::to(answer)))
        .bind(address.as_str())
        .unwrap()
        .run()
        .await
        .unwrap();
}
