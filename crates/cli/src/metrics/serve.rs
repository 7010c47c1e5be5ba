//! Answers HTTP requests for metrics. Whoever asks is a stranger: every connection has a bound in time
//! and in bytes, and there are only a few at the same time.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use render::{Dialect, Standing, live_metrics};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

/// Connections at the same time. Further ones wait in the kernel.
const MOST_CONNECTIONS: usize = 8;
/// A request is complete after this time, or its connection is closed.
const ASKING: Duration = Duration::from_secs(2);
/// A connection takes no longer in all.
const LONGEST: Duration = Duration::from_secs(10);
/// Bytes of a request.
const MOST_BYTES: usize = 8_192;
/// A capture that goes on answers within this time: it looks ten times a second.
const PATIENCE: Duration = Duration::from_secs(1);
/// The wait for a file descriptor where none is free.
const PAUSE: Duration = Duration::from_millis(100);

const PLAIN: &str = "text/plain; charset=utf-8";

/// Asks the capture how it stands.
#[derive(Clone)]
pub(super) struct Asking {
    is_asked: Arc<AtomicBool>,
    standing: watch::Receiver<Arc<Standing>>,
}

impl Asking {
    pub(super) const fn new(
        is_asked: Arc<AtomicBool>,
        standing: watch::Receiver<Arc<Standing>>,
    ) -> Self {
        Self { is_asked, standing }
    }

    /// How the capture stands, and whether it said so just now. If it does not answer, what it said last.
    async fn ask(mut self) -> (Arc<Standing>, bool) {
        self.standing.mark_unchanged();
        self.is_asked.store(true, Ordering::Release);
        let answered = timeout(PATIENCE, self.standing.changed()).await;
        let standing = self.standing.borrow().clone();
        (standing, matches!(answered, Ok(Ok(()))))
    }
}

/// Takes connections as long as the program runs.
pub(super) async fn serve(listener: TcpListener, asking: Asking) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    // Nobody closes the places.
    while let Ok(place) = places.clone().acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        let connection = connection(stream, asking.clone());
        tokio::spawn(async move {
            // A client that is too slow, or breaks off, has nobody to be told.
            let _ = timeout(LONGEST, connection).await;
            drop(place);
        });
    }
}

async fn connection(stream: TcpStream, asking: Asking) -> hyper::Result<()> {
    let service = service_fn(move |request| {
        let asking = asking.clone();
        async move { Ok::<_, Infallible>(answer(&request, asking).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(ASKING)
        .max_buf_size(MOST_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

async fn answer(request: &Request<Incoming>, asking: Asking) -> Response<String> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => {
            let (dialect, content_type) = dialect(request.headers());
            let (standing, is_up) = asking.ask().await;
            text(StatusCode::OK, content_type, live_metrics(&standing, is_up, dialect))
        }
        (&Method::GET, "/") => {
            text(StatusCode::OK, PLAIN, "The metrics of synscope are at /metrics.\n".to_owned())
        }
        (_, "/" | "/metrics") => {
            let words = "Only GET is answered.\n".to_owned();
            let mut refusal = text(StatusCode::METHOD_NOT_ALLOWED, PLAIN, words);
            refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            refusal
        }
        _ => text(StatusCode::NOT_FOUND, PLAIN, "The metrics are at /metrics.\n".to_owned()),
    }
}

fn text(status: StatusCode, content_type: &'static str, words: String) -> Response<String> {
    let mut response = Response::new(words);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The newer text for whoever takes it.
fn dialect(headers: &HeaderMap) -> (Dialect, &'static str) {
    let takes = |name| {
        let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        accepted.into_iter().any(|value| value.contains(name))
    };
    if takes("application/openmetrics-text") {
        (Dialect::OpenMetrics, "application/openmetrics-text; version=1.0.0; charset=utf-8")
    } else {
        (Dialect::Prometheus, "text/plain; version=0.0.4; charset=utf-8")
    }
}
