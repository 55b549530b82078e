//! Pages as they are drawn, held against pages somebody has looked at: `drawn/NAME-PAGE.png`, at 100 dots
//! an inch. `INSTA_UPDATE=always` writes them anew, as it does texts.

use std::path::{Path, PathBuf};
use std::process::Command;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, GrayImage, ImageEncoder};

/// Steps between white and black that are kept: enough to look at, and a third of the size.
const GREYS: u8 = 4;
/// A page is compared tile by tile, so that a word weighs the same on a full page and on an empty one.
const TILE: u32 = 25;
/// So much darker, of 255, a tile may be all over: edges of signs are drawn lighter or darker elsewhere.
const DARKER: u32 = 10;

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

/// The same in few greys, from 0 for black. What is kept is so already, and comes out as it was.
fn few(page: &GrayImage) -> GrayImage {
    let points = page.as_raw().iter().map(|grey| grey / (u8::MAX / GREYS + 1)).collect();
    GrayImage::from_raw(page.width(), page.height(), points).unwrap()
}

fn keep(path: &Path, page: &GrayImage) {
    let few: Vec<u8> = few(page).iter().map(|step| step * (u8::MAX / (GREYS - 1))).collect();
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter)
        .write_image(&few, page.width(), page.height(), ExtendedColorType::L8)
        .unwrap();
    std::fs::create_dir_all(folder()).unwrap();
    std::fs::write(path, png).unwrap();
}

/// A point that nothing beside the same place on the other page comes near: a stroke that is not there, or
/// one that is missing. The edge of a stroke moves by a point and a step of grey from drawer to drawer.
fn is_foreign(step: u8, other: &GrayImage, x: u32, y: u32) -> bool {
    let (across, down) = (x.saturating_sub(1)..=x + 1, y.saturating_sub(1)..=y + 1);
    let beside = down
        .flat_map(|y| across.clone().map(move |x| (x, y)))
        .filter_map(|(x, y)| other.get_pixel_checked(x, y));
    let (darkest, lightest) =
        beside.fold((GREYS, 0), |(low, high), point| (low.min(point.0[0]), high.max(point.0[0])));
    step + 1 < darkest || step > lightest + 1
}

/// The first tile, by its column and row, in which the pages are not alike.
fn unlike(one: &GrayImage, other: &GrayImage) -> Option<(u32, u32)> {
    if one.dimensions() != other.dimensions() {
        return Some((0, 0));
    }
    let (one, other) = (few(one), few(other));
    if one == other {
        return None;
    }
    let (width, height) = one.dimensions();
    let tiles =
        (0..height.div_ceil(TILE)).flat_map(|row| (0..width.div_ceil(TILE)).map(move |column| (column, row)));
    tiles.into_iter().find(|(column, row)| {
        let (mut ink, mut points) = ([0_u32; 2], 0_u32);
        for y in row * TILE..((row + 1) * TILE).min(height) {
            for x in column * TILE..((column + 1) * TILE).min(width) {
                let steps = [one.get_pixel(x, y).0[0], other.get_pixel(x, y).0[0]];
                // A point that is as it was need not be looked around.
                if steps[0] != steps[1]
                    && (is_foreign(steps[0], &other, x, y) || is_foreign(steps[1], &one, x, y))
                {
                    return true;
                }
                ink[0] += u32::from(steps[0]);
                ink[1] += u32::from(steps[1]);
                points += 1;
            }
        }
        ink[0].abs_diff(ink[1]) * u32::from(u8::MAX / (GREYS - 1)) > points * DARKER
    })
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
        let unlike = match image::open(&path) {
            Ok(known) => unlike(&known.into_luma8(), page),
            Err(_) => Some((0, 0)),
        };
        let Some((column, row)) = unlike else { continue };
        if anew {
            keep(&path, page);
        } else {
            differ.push(format!("{} from {},{}", path.display(), column * TILE, row * TILE));
        }
    }
    differ
}

/// Pictures of papers nobody sets any more.
#[expect(clippy::disallowed_methods, reason = "the switch that writes texts anew writes pictures too")]
pub fn left_over(names: &[String]) -> Vec<String> {
    let anew = std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always");
    let mut left = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let known = path.file_stem().and_then(|name| name.to_str()?.rsplit_once('-'));
        if known.is_some_and(|(name, _)| names.iter().any(|set| set == name)) {
            continue;
        }
        match anew {
            true => std::fs::remove_file(&path).unwrap(),
            false => left.push(format!("{} is of no paper", path.display())),
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A page of 11pt text, as papers are set.
    fn page(line: &str) -> GrayImage {
        let text = format!(
            "#set page(paper: \"a5\")\n#set text(font: \"Liberation Serif\", size: 11pt, lang: \"vi\")\n{}\n\n{line}\n\n{}",
            "Cơ quan thi hành án dân sự đã nhận đủ hồ sơ của ông (bà). ".repeat(12),
            "Kết quả được trả tại Bộ phận Tiếp nhận và Trả kết quả. ".repeat(12)
        );
        let templates = BTreeMap::from([("it.typ".to_owned(), text)]);
        let at = "2026-11-25T09:00:00+07:00".parse().unwrap();
        let sheet = motcua_paper::Sheet {
            templates: &templates,
            template: "it.typ",
            data: "{}",
            code: None,
            at,
            id: "x",
        };
        pages(&motcua_paper::print(&sheet).unwrap().pdf).remove(0)
    }

    /// As kept: in few greys.
    fn kept(page: &GrayImage) -> GrayImage {
        let points = few(page).iter().map(|step| step * (u8::MAX / (GREYS - 1))).collect();
        GrayImage::from_raw(page.width(), page.height(), points).unwrap()
    }

    #[test]
    fn a_changed_word_letter_mark_or_figure_is_another_page() {
        let known = kept(&page("Hạn trả kết quả: 17 giờ ngày 01/12/2026, số tiền 600.000.000 đồng."));
        for other in [
            "Hạn trả kết quả: 17 giờ ngày 01/12/2026, số tiền 600.000.000 đổng.",
            "Hạn trả kết quả: 17 giờ ngày 01/12/2026, số tiền 600.000.000 đòng.",
            "Hạn trả kết quả: 17 giờ ngày 07/12/2026, số tiền 600.000.000 đồng.",
            "Hạn trả kết quả: 17 giờ ngày 01/12/2026, số tiền 600.000.000 đồnq.",
            "Hạn trả kết quả: 17 giờ ngày 01/12/2026, số tiến 600.000.000 đồng.",
            "Hạn tra kết quả: 17 giờ ngày 01/12/2026, số tiền 600.000.000 đồng.",
            "Hạn nộp kết quả: 17 giờ ngày 01/12/2026, số tiền 600.000.000 đồng.",
            "*Hạn* trả kết quả: 17 giờ ngày 01/12/2026, số tiền 600.000.000 đồng.",
            "Hạn trả kết quả: 17 giờ ngày 01/12/2026, số tiền 600.000.000 đồng",
        ] {
            let tile = unlike(&known, &page(other));
            assert!(tile.is_some_and(|(_, row)| row > 4), "{tile:?}: {other}");
        }
    }

    #[test]
    fn a_page_drawn_with_other_edges_is_the_same() {
        let page = page("Hạn trả kết quả: 17 giờ ngày 01/12/2026, số tiền 600.000.000 đồng.");
        let known = kept(&page);
        assert_eq!(unlike(&known, &page), None);
        let mut other = page.clone();
        // Numbers that look like noise and are the same each time.
        let mut noise = 7_u32;
        for point in other.iter_mut().filter(|grey| (1..u8::MAX).contains(*grey)) {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let by = u8::try_from((noise >> 24) % 41).unwrap();
            *point = if noise >> 23 & 1 == 0 { point.saturating_add(by) } else { point.saturating_sub(by) };
        }
        assert_ne!(page, other);
        assert_eq!(unlike(&known, &other), None);
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
        assert_eq!((unlike(&one, &one.clone()), unlike(&one, &other)), (None, Some((1, 4))));
    }
}
