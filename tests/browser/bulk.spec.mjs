// One act for many dossiers: ticked in the queue, shown beforehand, done while the page looks on, and what
// became of each; on a phone and at a desk.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, browser, example } from "./office.mjs";
import { officer } from "./officer.mjs";

const NUMBER = 12;

test("twelve dossiers are received in one run, and one that somebody else took says so", { timeout: 600_000 }, async (t) => {
  const opened = await browser(t);
  const agencies = await api("GET", "/agencies");
  const agency = agencies.find(({ name }) => name.vi.includes("Cục")).id;
  // A name nobody else files under, so that the list holds these alone.
  const answers = example("result_confirmation", "valid-debtor");
  answers.applicant.full_name = "Trần Hàng Loạt";
  const contact = { name: answers.applicant.full_name, email: "hangloat@example.vn" };
  const filed = [];
  for (let number = 0; number < NUMBER; number += 1) {
    const body = { procedure: "result_confirmation", agency, contact, answers, submit: true };
    filed.push(await api("POST", "/dossiers", { body, once: crypto.randomUUID() }));
  }
  const counter = await officer(opened, "cuc.motcua");
  const { page } = counter;
  const list = "/desk?xem=tat-ca&tim=hang+loat";
  await counter.go(list);
  const ticks = page.locator("input[name=chon]");
  assert.equal(await ticks.count(), NUMBER);
  for (let number = 0; number < NUMBER; number += 1) await ticks.nth(number).check();
  await page.getByLabel("Việc", { exact: true }).selectOption("receive");
  await counter.click("button:text('Làm cho các hồ sơ đã chọn')");
  assert.match(await page.locator("main").innerText(), /Sẽ làm: 12/);
  // The applicant is faster with one.
  await api("POST", `/dossiers/${filed[3].id}/withdrawal`, { body: {}, key: filed[3].tracking_key, version: filed[3].version });
  await counter.click("main form button");
  // The page looked by itself until all was done, and showed itself anew.
  const said = await page.locator("main").innerText();
  assert.match(said, /đã làm 11 · không làm được 1/);
  await counter.go("/desk/hang-loat");
  for (const path of [list, page.url()]) {
    await page.setViewportSize({ width: 360, height: 640 });
    await counter.go(path);
  }
  await counter.click("main th a");
  assert.match(await page.locator("main").innerText(), /Đã xong/);
  // All that fit, whatever page they stand on: what cannot be done says why.
  await counter.go(list);
  await page.getByLabel(/Tất cả hồ sơ khớp/).check();
  await page.getByLabel("Việc", { exact: true }).selectOption("receive");
  await counter.click("button:text('Làm cho các hồ sơ đã chọn')");
  assert.match(await page.locator("main").innerText(), /Sẽ làm: 0 · Không làm được: 11/);
});
