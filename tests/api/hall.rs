//! The line at a counter: who may call, in what order, and that no two counters call the same number.

use crate::support::browser::{Browser, signed_in};
use crate::support::office::Office;
use crate::support::server::TestServer;

const DRAW: &str = "/desk/tiep-nhan/phat-so";
const CALL: &str = "/desk/tiep-nhan/goi-so";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_called_in_their_order_and_each_once() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let hall = format!("/goi-so/{}", office.agency);
    let mut counters = Vec::new();
    for person in office.all("one_window_officer") {
        counters.push(signed_in(&server, person).await);
    }
    let [one, other] = counters.as_mut_slice() else { panic!("two counters") };
    for browser in [&mut *one, &mut *other] {
        browser.open("/desk/tiep-nhan").await;
    }
    let (mine, others) = (one.form(DRAW), other.form(DRAW));
    tokio::join!(
        async {
            for _ in 0..3 {
                one.send(reqwest::Method::POST, DRAW, &mine).await;
                assert_eq!(one.status, 200, "{}", one.page);
            }
        },
        async {
            for _ in 0..3 {
                other.send(reqwest::Method::POST, DRAW, &others).await;
                assert_eq!(other.status, 200, "{}", other.page);
            }
        }
    );
    one.open("/desk/tiep-nhan").await;
    one.sees("Đang chờ: <strong>6</strong>");
    one.submit(CALL, &[("place", " ")]).await;
    assert_eq!(one.status, 422);
    let called = |browser: &Browser<'_>| browser.at.split_once("goi=").unwrap().1.parse::<i32>().unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        tokio::join!(one.submit(CALL, &[("place", "Quầy 1")]), other.submit(CALL, &[("place", "Quầy 2")]));
        seen.extend([called(one), called(other)]);
    }
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
    one.submit(CALL, &[("place", "Quầy 1")]).await;
    one.sees("Không còn ai chờ.");

    // The hall's screen is for anybody; calling is for those who serve there.
    let mut nobody = Browser::new(&server);
    nobody.open(&hall).await;
    nobody.sees("Quầy 2");
    let mut elsewhere = signed_in(&server, office.elsewhere("one_window_officer")).await;
    elsewhere.open("/desk/tiep-nhan").await;
    let agency = office.agency.to_string();
    elsewhere.submit(DRAW, &[("agency", &agency)]).await;
    assert_eq!(elsewhere.status, 404);
    elsewhere.open("/desk/tiep-nhan").await;
    elsewhere.submit(CALL, &[("agency", &agency), ("place", "Quầy 9")]).await;
    assert_eq!(elsewhere.status, 404);
    let mut clerk = signed_in(&server, office.person("clerk")).await;
    clerk.open("/desk/tiep-nhan").await;
    let token = clerk.cookies["motcua-form"].clone();
    let form = [("_token", token.as_str()), ("agency", &agency)];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    clerk.send(reqwest::Method::POST, DRAW, &form).await;
    assert_eq!(clerk.status, 404);
    server.close().await;
}
