//! Counts the statements a server sends: a relay between it and its database that reads the kind of
//! each message and passes all of them on. Only what pages ask counts, not what goes on beside them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_postgres::config::Host;

/// How the connections of HTTP workers name themselves.
const PAGES: &[u8] = b"application_name\0motcua http\0";

/// Statements sent so far, `BEGIN` and `COMMIT` among them.
#[derive(Clone, Default)]
pub struct Statements(Arc<AtomicUsize>);

impl Statements {
    pub fn so_far(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// The address of a relay to the database at `url`.
    pub async fn count(&self, url: &str) -> String {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (host, to_port) =
            (config.get_hosts()[0].clone(), config.get_ports().first().copied().unwrap_or(5432));
        let counted = self.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (host, counted) = (host.clone(), counted.clone());
                tokio::spawn(async move {
                    match host {
                        Host::Tcp(name) => {
                            let server = TcpStream::connect((name.as_str(), to_port)).await.unwrap();
                            relay(client, server, counted).await;
                        }
                        Host::Unix(folder) => {
                            let socket = folder.join(format!(".s.PGSQL.{to_port}"));
                            let server = UnixStream::connect(socket).await.unwrap();
                            relay(client, server, counted).await;
                        }
                    }
                });
            }
        });
        let user = config.get_user().unwrap_or("postgres");
        let password =
            config.get_password().map_or(String::new(), |word| format!(":{}", String::from_utf8_lossy(word)));
        format!("postgres://{user}{password}@127.0.0.1:{port}/{}", config.get_dbname().unwrap())
    }
}

async fn relay<S>(client: TcpStream, server: S, counted: Statements)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + 'static,
{
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(server);
    tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
    });
    // The first message has no kind, and says whose connection it is.
    let mut kind = None;
    let mut of_pages = false;
    loop {
        let mut head = [0_u8; 4];
        if from_client.read_exact(&mut head).await.is_err() {
            break;
        }
        let length = usize::try_from(u32::from_be_bytes(head)).unwrap();
        let mut body = vec![0_u8; length - 4];
        if from_client.read_exact(&mut body).await.is_err() {
            break;
        }
        if kind.is_none() {
            of_pages = body.windows(PAGES.len()).any(|part| part == PAGES);
        }
        // Execute, and a query that is sent as text.
        if of_pages && matches!(kind, Some(b'E' | b'Q')) {
            counted.0.fetch_add(1, Ordering::SeqCst);
        }
        let mut message: Vec<u8> = kind.into_iter().collect();
        message.extend(head);
        message.extend(body);
        let mut next = [0_u8; 1];
        if to_server.write_all(&message).await.is_err() || from_client.read_exact(&mut next).await.is_err() {
            break;
        }
        kind = Some(next[0]);
    }
}
