//! Connections that can be cut: a reset must look like one to the client, so it happens on the socket
//! and not in HTTP.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Lets a handler cut the connection its request came over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cutter(Arc<AtomicBool>);

impl Cutter {
    /// The next byte written becomes a TCP reset: whatever the handler answers is lost.
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, Loopback>> for Cutter {
    fn connect_info(stream: IncomingStream<'_, Loopback>) -> Self {
        stream.io().cutter.clone()
    }
}

/// The listener of a cloud: 127.0.0.1 only, by construction.
pub(crate) struct Loopback(TcpListener);

impl Loopback {
    pub(crate) async fn bind(port: u16) -> io::Result<Self> {
        TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await.map(Self)
    }

    pub(crate) fn port(&self) -> io::Result<u16> {
        Ok(self.0.local_addr()?.port())
    }
}

impl Listener for Loopback {
    type Io = Connection;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small answers must not wait for Nagle's algorithm; if the option cannot be set they are merely later.
        let _ = stream.set_nodelay(true);
        let connection = Connection { stream, cutter: Cutter::default() };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// One accepted connection.
pub(crate) struct Connection {
    stream: TcpStream,
    cutter: Cutter,
}

impl Connection {
    fn check(&self) -> io::Result<()> {
        if self.cutter.0.load(Ordering::SeqCst) {
            // Without linger, closing discards the send buffer and sends RST.
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
