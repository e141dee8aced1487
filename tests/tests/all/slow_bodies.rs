//! Bodies that arrive slowly.

use crate::world::{World, reading};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// More than one caller of a small system has.
const CALLERS: usize = 64;

/// A request with all of its body but the last byte.
async fn all_but_one_byte(world: &World, body: &str) -> TcpStream {
    let address = world.host.url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/ingest HTTP/1.1\r\nhost: {address}\r\nx-api-key: {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        world.keys.all,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body.as_bytes()[..body.len() - 1]).await.unwrap();
    stream.flush().await.unwrap();
    stream
}

/// How many requests the function has had.
fn served(world: &World) -> usize {
    world.function("ingest").logs().iter().filter(|line| line.contains("\"requests\":1")).count()
}

#[tokio::test]
async fn a_body_that_never_ends_starts_no_function_and_holds_nobody_up() {
    let world = World::start().await;
    let body = reading("slow", 1.0).to_string();
    let mut waiting = Vec::new();
    for _ in 0..CALLERS {
        waiting.push(all_but_one_byte(&world, &body).await);
    }
    // Whoever asks meanwhile is served, by the function that the others wait for; nobody else has started it.
    let first = world.post("/v1/ingest").key(&world.keys.all).json(&reading("quick", 1.0)).send().await;
    assert_eq!(first.expect(200)["accepted"], 1);
    assert_eq!((world.function("ingest").processes(), served(&world)), (1, 1));
    assert_eq!(world.function("authorize").processes(), 1);

    // What arrives whole in the end is taken then.
    let mut last = waiting.pop().unwrap();
    last.write_all(&body.as_bytes()[body.len() - 1..]).await.unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(60), last.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    // What is given up has left nothing behind.
    drop(waiting);
    let known = world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200);
    assert_eq!(known["sensors"].as_array().unwrap().len(), 2);
    assert_eq!((world.function("ingest").processes(), served(&world)), (1, 2));
}
