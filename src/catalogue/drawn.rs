//! Pages as they are drawn, held against pages somebody has looked at: `drawn/NAME-PAGE.png`, at 100 dots
//! an inch. `INSTA_UPDATE=always` writes them anew, as it does texts.

use std::path::{Path, PathBuf};
use std::process::Command;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, GrayImage, ImageEncoder, imageops};

/// Pages are compared at a quarter of their size: hairs and the edges of signs differ between drawers.
const COARSE: u32 = 4;
/// Two greys that differ by more are two things.
const FAR: u8 = 64;
/// So many of a thousand coarse points may differ.
const PER_MILLE: usize = 2;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("drawn")
}

/// The pages of a file in grey, as poppler draws them.
fn pages(pdf: &[u8]) -> Vec<GrayImage> {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("it.pdf");
    std::fs::write(&file, pdf).unwrap();
    let mut draw = Command::new("pdftoppm");
    draw.args(["-r", "100", "-gray"]).arg(&file).arg(place.path().join("page"));
    assert!(draw.status().expect("pdftoppm: .ci/readers installs it").success());
    let drawn = std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().path());
    let mut drawn: Vec<PathBuf> =
        drawn.filter(|path| path.extension().is_some_and(|kind| kind == "pgm")).collect();
    drawn.sort();
    drawn.iter().map(|path| grey(&std::fs::read(path).unwrap())).collect()
}

/// A picture as poppler writes it: `P5`, width, height, the most, and the points.
fn grey(pgm: &[u8]) -> GrayImage {
    let mut words = pgm.splitn(4, |byte| byte.is_ascii_whitespace());
    assert_eq!(words.next(), Some(b"P5".as_slice()));
    let mut number = || std::str::from_utf8(words.next().unwrap()).unwrap().parse::<u32>().unwrap();
    let (width, height) = (number(), number());
    let points = words.next().unwrap().strip_prefix(b"255\n").unwrap();
    GrayImage::from_raw(width, height, points.to_vec()).unwrap()
}

fn keep(path: &Path, page: &GrayImage) {
    // Four greys are enough to look at, and a third of the size.
    let few: Vec<u8> = page.as_raw().iter().map(|grey| (grey / 64) * 85).collect();
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter)
        .write_image(&few, page.width(), page.height(), ExtendedColorType::L8)
        .unwrap();
    std::fs::create_dir_all(folder()).unwrap();
    std::fs::write(path, png).unwrap();
}

fn is_like(one: &GrayImage, other: &GrayImage) -> bool {
    if one.dimensions() != other.dimensions() {
        return false;
    }
    let coarse = |page: &GrayImage| {
        imageops::thumbnail(page, page.width() / COARSE, page.height() / COARSE).into_raw()
    };
    let (one, other) = (coarse(one), coarse(other));
    let differ = one.iter().zip(&other).filter(|(one, other)| one.abs_diff(**other) > FAR).count();
    differ * 1000 <= one.len() * PER_MILLE
}

/// Pages of this paper that are not drawn as they were reviewed.
#[expect(clippy::disallowed_methods, reason = "the switch that writes texts anew writes pictures too")]
pub fn differing(name: &str, pdf: &[u8]) -> Vec<String> {
    let anew = std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always");
    let mut differ = Vec::new();
    let drawn = pages(pdf);
    // A page that was reviewed and is drawn no more.
    for number in drawn.len() + 1.. {
        let path = folder().join(format!("{name}-{number}.png"));
        if !path.exists() {
            break;
        }
        if anew {
            std::fs::remove_file(&path).unwrap();
        } else {
            differ.push(format!("{} is drawn no more", path.display()));
        }
    }
    for (page, number) in drawn.iter().zip(1..) {
        let path = folder().join(format!("{name}-{number}.png"));
        let known = image::open(&path).map(image::DynamicImage::into_luma8);
        if known.is_ok_and(|known| is_like(&known, page)) {
            continue;
        }
        if anew {
            keep(&path, page);
        } else {
            differ.push(path.display().to_string());
        }
    }
    differ
}

#[test]
fn a_page_with_a_line_moved_is_another() {
    let mut one = GrayImage::from_pixel(400, 560, image::Luma([255]));
    let mut other = one.clone();
    for x in 40..360 {
        for y in 0..3 {
            one.put_pixel(x, 100 + y, image::Luma([0]));
            other.put_pixel(x, 108 + y, image::Luma([0]));
        }
    }
    assert!(is_like(&one, &one.clone()) && !is_like(&one, &other));
}
