//! What a leader or an inspector sees of the whole agency: tables, and charts drawn here whose
//! figures the tables beside them say too.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use motcua_app::overview::{self, Overview};

use super::Desk;
use crate::pages::frame::Frame;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config.route("/desk/tong-quan", web::get().to(overview));
}

/// A bar of the chart, in its own units.
struct Bar {
    label: String,
    count: i64,
    top: usize,
    width: i64,
}

const BAR: usize = 36;
/// Officers drawn; the table has them all.
const DRAWN: usize = 12;
const WIDEST: i64 = 150;

#[derive(Template)]
#[template(path = "desk/overview.html")]
struct OverviewPage {
    f: Frame,
    overview: Overview,
    ages: Vec<Bar>,
    /// The fullest hands, drawn.
    hands: Vec<Bar>,
}

/// Bars of a chart, the longest as wide as it gets.
fn bars(of: impl Iterator<Item = (String, i64)> + Clone) -> Vec<Bar> {
    let most = of.clone().map(|(_, count)| count).max().unwrap_or_default().max(1);
    of.enumerate()
        .map(|(at, (label, count))| Bar {
            label,
            count,
            top: at.saturating_mul(BAR),
            width: count.saturating_mul(WIDEST).checked_div(most).unwrap_or_default(),
        })
        .collect()
}

fn height(bars: &[Bar]) -> usize {
    bars.len().saturating_mul(BAR)
}

async fn overview(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let f = &visitor.frame;
    let overview = overview::overview(&visitor.ctx).await?;
    let names = [
        f.say("đến 5 ngày", "up to 5 days"),
        f.say("6–10 ngày", "6–10 days"),
        f.say("11–30 ngày", "11–30 days"),
        f.say("trên 30 ngày", "over 30 days"),
    ];
    let ages =
        bars(names.iter().zip(&overview.figures.ages).map(|(name, count)| ((*name).to_owned(), *count)));
    let hands = bars(overview.loads.iter().take(DRAWN).map(|load| {
        (
            load.name.clone().unwrap_or_else(|| f.say("Chưa phân công", "Nobody yet").to_owned()),
            load.figures.open,
        )
    }));
    visitor.page(&OverviewPage { f: f.clone(), overview, ages, hands })
}
