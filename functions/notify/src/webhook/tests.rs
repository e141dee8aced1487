#![allow(clippy::unwrap_used)]

mod server;

use std::{
    io::{ErrorKind, Write},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use reqwest::dns::{Addrs, Name, Resolving};

use self::server::Server;
use super::*;

const BODY: &str = r#"{"id":"note-1","text":"Größer als erwartet"}"#;
const KEY: [u8; 32] = [7; 32];
const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";
/// Longer than any of these tests takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// Leads every name to the same addresses. The URLs of these tests name no port, so that of the address counts.
#[derive(Clone, Default)]
struct Leads {
    to: Vec<SocketAddr>,
    asked: Arc<AtomicUsize>,
}

impl Leads {
    fn to(to: &[SocketAddr]) -> Self {
        Self { to: to.to_vec(), asked: Arc::default() }
    }
}

impl Resolve for Leads {
    fn resolve(&self, _: Name) -> Resolving {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let addresses: Addrs = Box::new(self.to.clone().into_iter());
        Box::pin(async move { Ok(addresses) })
    }
}

/// One for which `server` is on the public internet.
fn sender(server: &Server, timeout: Duration) -> Sender {
    let names = Leads::to(&[server.address]);
    Sender::with(names, |address| address.is_loopback(), Some(server.root.clone()), timeout).unwrap()
}

async fn send_to(sender: &Sender, url: &str) -> Sent {
    let (url, id) = (WebhookUrl::parse(url).unwrap(), Identifier::parse("note-1").unwrap());
    let timestamp = "2026-03-01T12:00:00.9Z".parse().unwrap();
    sender.send(&url, &id, timestamp, BODY, &SigningSecret::new(KEY)).await
}

async fn send(sender: &Sender) -> Sent {
    send_to(sender, "https://hooks.example.com/in?token=t").await
}

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let mut lines = request.lines().take_while(|line| !line.is_empty());
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

#[tokio::test]
async fn a_request_arrives_whole_and_with_a_signature_that_verifies() {
    let mut server = Server::answering(NO_CONTENT).await;
    assert_eq!(send(&sender(&server, LONG)).await, Sent::Delivered(204));

    let request = server.request().await;
    assert!(request.starts_with("POST /in?token=t HTTP/1.1\r\n"), "{request}");
    assert_eq!(header(&request, "host"), "hooks.example.com");
    assert_eq!(header(&request, "user-agent"), "Palisade-Webhook/1");
    assert_eq!(header(&request, "content-type"), "application/json");
    assert_eq!(header(&request, "webhook-id"), "note-1");
    assert_eq!(header(&request, "webhook-timestamp"), "1772366400");

    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, BODY);
    let signature = header(&request, "webhook-signature").strip_prefix("v1,").unwrap();
    let tag = BASE64.decode(signature).unwrap();
    let signed = format!("note-1.1772366400.{body}");
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &KEY), signed.as_bytes(), &tag).unwrap();
    assert!(server.is_quiet());
}

#[tokio::test]
async fn nothing_else_is_told_to_the_receiver() {
    let mut server = Server::answering(NO_CONTENT).await;
    send(&sender(&server, LONG)).await;
    let request = server.request().await;
    let (head, _) = request.split_once("\r\n\r\n").unwrap();
    let mut names: Vec<_> =
        head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["accept", "content-length", "content-type", "host", "user-agent"]
            .into_iter()
            .chain(["webhook-id", "webhook-signature", "webhook-timestamp"])
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn every_request_asks_for_the_name_once_and_anew() {
    let mut server = Server::answering(NO_CONTENT).await;
    let names = Leads::to(&[server.address]);
    let root = Some(server.root.clone());
    let sender = Sender::with(names.clone(), |address| address.is_loopback(), root, LONG).unwrap();
    for asked in 1..=2 {
        assert_eq!(send(&sender).await, Sent::Delivered(204));
        server.request().await;
        assert_eq!(names.asked.load(Ordering::SeqCst), asked);
    }
}

#[tokio::test]
async fn the_body_of_an_answer_is_not_waited_for() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n").await;
    assert_eq!(send(&sender(&server, LONG)).await, Sent::Delivered(200));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_not_a_delivery() {
    let answer = "HTTP/1.1 307 Temporary Redirect\r\nlocation: https://hooks.example.com/\r\ncontent-length: 0\r\n\r\n";
    let mut server = Server::answering(answer).await;
    assert_eq!(send(&sender(&server, LONG)).await, Sent::NotTaken(307));
    server.request().await;
    assert!(server.is_quiet());
}

#[tokio::test]
async fn a_failure_of_the_receiver_is_not_a_delivery_and_not_tried_again() {
    let mut server = Server::answering("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(send(&sender(&server, LONG)).await, Sent::NotTaken(500));
    server.request().await;
    assert!(server.is_quiet());
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let (mut server, other) = (Server::answering(NO_CONTENT).await, Server::answering(NO_CONTENT).await);
    let names = || Leads::to(&[server.address]);
    for root in [Some(other.root), None] {
        let sender = Sender::with(names(), |address| address.is_loopback(), root, LONG).unwrap();
        assert_eq!(send(&sender).await, Sent::Unreachable);
    }
    assert!(server.is_quiet());
}

#[tokio::test]
async fn a_certificate_of_another_host_is_refused() {
    let mut server = Server::answering(NO_CONTENT).await;
    assert_eq!(send_to(&sender(&server, LONG), "https://other.example.com/").await, Sent::Unreachable);
    assert!(server.is_quiet());
}

#[tokio::test]
async fn nothing_connects_when_a_name_has_a_private_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let private = listener.local_addr().unwrap();
    let public = "8.8.8.8:443".parse().unwrap();
    for names in [vec![private], vec![private, public]] {
        let sender = Sender::with(Leads::to(&names), is_public, None, LONG).unwrap();
        assert_eq!(send(&sender).await, Sent::NotPublic);
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[tokio::test]
async fn an_address_in_the_url_is_checked_without_asking_for_a_name() {
    let names = Leads::default();
    let sender = Sender::with(names.clone(), |_| false, None, LONG).unwrap();
    assert_eq!(send_to(&sender, "https://8.8.8.8/").await, Sent::NotPublic);
    assert_eq!(send_to(&sender, "https://[2606:4700::1111]/").await, Sent::NotPublic);
    assert_eq!(names.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_without_an_address_is_unreachable() {
    let sender = Sender::with(Leads::default(), is_public, None, LONG).unwrap();
    assert_eq!(send(&sender).await, Sent::Unreachable);
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = Server::answering("").await;
    let sender = sender(&server, Duration::from_millis(500));
    assert_eq!(tokio::time::timeout(LONG, send(&sender)).await, Ok(Sent::Unreachable));
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_unreachable() {
    let server = Server::answering("220 mail.example.com ESMTP\r\n\r\n").await;
    assert_eq!(send(&sender(&server, LONG)).await, Sent::Unreachable);
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let names = Leads::to(&[listener.local_addr().unwrap()]);
    let server =
        thread::spawn(move || listener.accept().and_then(|(mut stream, _)| stream.write_all(b"SSH-2.0-x\r\n")));
    let sender = Sender::with(names, |address| address.is_loopback(), None, LONG).unwrap();
    assert_eq!(send(&sender).await, Sent::Unreachable);
    server.join().unwrap().unwrap();
}

#[test]
fn the_sender_of_production_can_be_made() {
    assert!(Sender::new().is_ok());
}
