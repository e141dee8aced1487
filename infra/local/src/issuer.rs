//! A small issuer of bearer tokens: signs them, and shows its keys by HTTPS as issuers on the Internet do. Its certificate
//! is its own; who asks it must be told to trust it (`SSL_CERT_FILE`).

use crate::error::CloudError;
use crate::saved::lock;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use axum::serve::Listener;
use http::{StatusCode, header};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

pub use jsonwebtoken::Algorithm;

const KEY_SET: &str = "/jwks.json";
/// What PKCS #8 puts before the PKCS #1 form of an RSA key of 2048 bits, in bytes.
const PKCS8_OF_RSA: usize = 26;

/// An issuer on a port of 127.0.0.1. Dropping it ends it.
pub struct TokenIssuer {
    url: String,
    certificate: String,
    keys: BTreeMap<&'static str, EncodingKey>,
    published: Published,
    server: AbortHandle,
}

type Published = Arc<Mutex<(u16, String)>>;

impl TokenIssuer {
    /// Starts one on this port, or on a free one if it is 0, with an Ed25519 and a P-256 key, called `EdDSA` and `ES256`,
    /// and an RSA key of 2048 bits, called `RS256`.
    ///
    /// # Errors
    /// When the system has no randomness or no port.
    pub async fn start(port: u16) -> Result<Self, CloudError> {
        let listening = |error| CloudError::io("listening on 127.0.0.1", error);
        let made = rcgen::generate_simple_self_signed([Ipv4Addr::LOCALHOST.to_string()]).map_err(unmade)?;
        let certificate = made.cert.pem();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], made.signing_key.into())
            .map_err(unmade)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listening)?;
        let url = format!("https://{}", listener.local_addr().map_err(listening)?);
        let keys = keys().map_err(unmade)?;
        let set = JwkSet { keys: keys.iter().map(|(name, key)| public(name, key)).collect::<Result<_, _>>()? };
        let published = Published::new(Mutex::new((200, serde_json::json!(set).to_string())));
        let router = Router::new().route(KEY_SET, get(show)).with_state(Arc::clone(&published));
        let listener = Tls { listener, acceptor: TlsAcceptor::from(Arc::new(config)) };
        let server = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Ok(Self { url, certificate, keys, published, server })
    }

    /// What its tokens have as `iss`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its key set is.
    #[must_use]
    pub fn jwks_uri(&self) -> String {
        format!("{}{KEY_SET}", self.url)
    }

    /// Its certificate, PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Its key set, as it is published now.
    #[must_use]
    pub fn key_set(&self) -> String {
        lock(&self.published).1.clone()
    }

    /// Answers whoever asks for the key set with this from now on.
    pub fn publish(&self, status: u16, key_set: &str) {
        *lock(&self.published) = (status, key_set.to_owned());
    }

    /// A token with this header and these claims, signed with the key that is called like the header's algorithm.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn sign(&self, header: &Header, claims: &Json) -> Result<String, CloudError> {
        let name = format!("{:?}", header.alg);
        let key = self.keys.get(&*name).ok_or_else(|| unmade(format!("no key {name}")))?;
        encode(header, claims, key).map_err(unmade)
    }

    /// A token with these claims, as issuers usually sign them.
    ///
    /// # Errors
    /// When there is no key for the algorithm.
    pub fn token(&self, algorithm: Algorithm, claims: &Json) -> Result<String, CloudError> {
        let header = Header { kid: Some(format!("{algorithm:?}")), ..Header::new(algorithm) };
        self.sign(&header, claims)
    }
}

impl Drop for TokenIssuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn show(State(published): State<Published>) -> (StatusCode, [(header::HeaderName, &'static str); 1], String) {
    let (status, text) = lock(&published).clone();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/jwk-set+json")], text)
}

fn keys() -> Result<BTreeMap<&'static str, EncodingKey>, aws_lc_rs::error::Unspecified> {
    let random = aws_lc_rs::rand::SystemRandom::new();
    let ed25519 = Ed25519KeyPair::generate_pkcs8v1(&random)?;
    let p256 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)?;
    let rsa = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048)?.as_der()?;
    let rsa = rsa.as_ref().get(PKCS8_OF_RSA..).unwrap_or_default();
    Ok(BTreeMap::from([
        ("EdDSA", EncodingKey::from_ed_der(ed25519.as_ref())),
        ("ES256", EncodingKey::from_ec_der(p256.as_ref())),
        ("RS256", EncodingKey::from_rsa_der(rsa)),
    ]))
}

fn public(name: &str, key: &EncodingKey) -> Result<Jwk, CloudError> {
    let algorithm = name.parse().map_err(unmade)?;
    let mut public = Jwk::from_encoding_key(key, algorithm).map_err(unmade)?;
    public.common.key_id = Some(name.to_owned());
    Ok(public)
}

fn unmade(problem: impl std::fmt::Display) -> CloudError {
    CloudError::io("making an issuer of tokens", io::Error::other(problem.to_string()))
}

struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            // Who does not trust the certificate hangs up, and that is all.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
