//! A server on this machine that says what it is told to say.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use reqwest::Certificate;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

/// A server of `hooks.example.com`, for as long as the test runs.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    /// What signs its certificate: itself.
    pub(super) root: Certificate,
    requests: UnboundedReceiver<String>,
}

impl Server {
    /// Answers every request with exactly this, and leaves it to the other side to close the connection.
    pub(super) async fn answering(answer: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let made = rcgen::generate_simple_self_signed(["hooks.example.com".to_owned()]).unwrap();
        let root = Certificate::from_der(made.cert.der()).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], made.signing_key.into())
            .unwrap();
        let (acceptor, (sender, requests)) = (TlsAcceptor::from(Arc::new(config)), unbounded_channel());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), stream, sender.clone(), answer));
            }
        });
        Self { address, root, requests }
    }

    /// The next request, head and body.
    pub(super) async fn request(&mut self) -> String {
        self.requests.recv().await.unwrap()
    }

    /// Whether no further request has come.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, requests: UnboundedSender<String>, answer: &'static str) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let mut received = Vec::new();
    while stream.read_buf(&mut received).await.is_ok_and(|count| count > 0) {
        let text = String::from_utf8_lossy(&received);
        if is_whole(&text) {
            requests.send(text.into_owned()).unwrap();
            received.clear();
            if stream.write_all(answer.as_bytes()).await.is_err() || stream.flush().await.is_err() {
                return;
            }
        }
    }
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| length.parse() == Ok(body.len()))
}
