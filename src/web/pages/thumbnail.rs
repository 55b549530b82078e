//! Small pictures of papers, turned upright: a phone on a poor line need not load each photo whole.
//!
//! Files come from strangers, so a picture is measured before it is opened, few are opened at once,
//! and what cannot be opened is shown as a card. Nothing is kept: a browser asks whether its copy is
//! still good, and the rights are checked each time.

use std::io::Cursor;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use actix_web::web::{self, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::TryStreamExt;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage};
use motcua_app::{Error, documents};
use motcua_domain::document::Document;
use motcua_domain::ids::DocumentId;
use tokio::sync::Semaphore;

use super::papers::{OfDossier, ending, is_picture};
use super::visitor::Visitor;
use crate::precondition::knows;
use crate::problem::Failure;

/// Its longer side.
const SIDE: u32 = 160;
/// A picture is opened only up to this: 50 million pixels of a phone fit.
const LONGEST_SIDE: u32 = 16_000;
const MOST_BYTES: u64 = 160 * 1024 * 1024;
/// The file itself, whole in memory while it is opened.
const LARGEST_FILE: u64 = 32 * 1024 * 1024;
/// One at a time: this bounds the memory. Who waits long gets the card.
static TURN: Semaphore = Semaphore::const_new(1);
const WAIT: Duration = Duration::from_secs(10);

pub fn mount(config: &mut ServiceConfig) {
    config.route("/giay-to/{id}/nho", web::get().to(small));
}

async fn small(
    request: HttpRequest,
    visitor: Visitor,
    path: Path<DocumentId>,
    asked: Query<OfDossier>,
) -> Result<HttpResponse, Failure> {
    let visitor = asked.into_inner().holder(visitor);
    let (document, length, content) = documents::download(&visitor.ctx, path.into_inner()).await?;
    let tag = format!("\"{}\"", document.sha256.as_deref().unwrap_or_default());
    let kept = (CACHE_CONTROL, "private, no-cache");
    if knows(&request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).insert_header(kept).finish());
    }
    if is_picture(&document) && length <= LARGEST_FILE {
        let Ok(Ok(turn)) = tokio::time::timeout(WAIT, TURN.acquire()).await else {
            // Not for keeping: the next time it may be quicker.
            return Ok(card().insert_header((CACHE_CONTROL, "no-store")).body(drawn(&document)));
        };
        let bytes = content
            .try_fold(Vec::new(), async |mut bytes: Vec<u8>, part| {
                bytes.extend_from_slice(&part);
                Ok(bytes)
            })
            .await?;
        let made = web::block(move || {
            let made = thumbnail(bytes);
            drop(turn);
            made
        });
        if let Some(jpeg) = made.await.map_err(|error| Error::internal(error.to_string()))? {
            return Ok(HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, "image/jpeg"))
                .insert_header((ETAG, tag))
                .insert_header(kept)
                .body(jpeg));
        }
    }
    Ok(card().insert_header((ETAG, tag)).insert_header(kept).body(drawn(&document)))
}

fn card() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "image/svg+xml"));
    response
}

/// A sheet with the kind of file on it.
fn drawn(document: &Document) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 72 72\"><rect width=\"72\" height=\"72\" fill=\"#e8eef7\"/>\
         <text x=\"36\" y=\"41\" font-family=\"sans-serif\" font-size=\"15\" font-weight=\"700\" text-anchor=\"middle\" fill=\"#1d1b19\">{}</text></svg>",
        ending(document)
    )
}

/// The picture as a small upright JPEG; none when it is too large to open or is none.
fn thumbnail(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if width > LONGEST_SIDE || height > LONGEST_SIDE || decoder.total_bytes() > MOST_BYTES {
        return None;
    }
    let way_up = decoder.orientation().ok()?;
    let mut small = DynamicImage::from_decoder(decoder).ok()?.thumbnail(SIDE, SIDE);
    small.apply_orientation(way_up);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 80).encode_image(&on_paper(&small)).ok()?;
    Some(jpeg)
}

/// What shows through is white, as paper is.
fn on_paper(picture: &DynamicImage) -> RgbImage {
    let from = picture.to_rgba8();
    let mut onto = RgbImage::new(from.width(), from.height());
    for (to, pixel) in onto.pixels_mut().zip(from.pixels()) {
        let [red, green, blue, cover] = pixel.0;
        let over = |colour: u8| {
            let mixed = u16::from(colour) * u16::from(cover) + 255 * (255 - u16::from(cover));
            u8::try_from(mixed / 255).unwrap_or(u8::MAX)
        };
        *to = Rgb([over(red), over(green), over(blue)]);
    }
    onto
}
