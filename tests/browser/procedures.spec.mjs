// Every procedure from the citizen's first click to the returned result: filed on a phone, followed
// on another device, worked on by the officers at their desks, told by mail. What was typed is what
// the agency gets; what was signed is what the applicant reads and the register keeps.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { BASE, Visitor, api, browser, example, file, mailTo, track } from "./office.mjs";
import { act, find, officer, open, read } from "./officer.mjs";

const GRANTED = {
  enforcement_decision: {
    named: "officer",
    said: { obligations: "Ông Lê Văn Thành phải trả cho bà Nguyễn Thị Thu Hà 300.000.000 đồng." },
  },
  result_confirmation: {},
  officer_replacement: { named: "new_officer", said: { grounds: ["delay"] } },
  coercion_cost_relief: { said: { grounds: ["lonely_disabled_or_long_ill"], percent: 50 } },
  enforcement_fee_relief: { said: { grounds: ["poor_household"], percent: 80 } },
};

const FILED = [
  ["enforcement_decision", "valid-company"],
  ["result_confirmation", "valid-period"],
  ["officer_replacement", "valid-representative"],
  ["coercion_cost_relief", "valid-long-ill"],
  ["enforcement_fee_relief", "valid-poor-household"],
];

const { staff: STAFF } = JSON.parse(readFileSync(new URL("../../src/app/seed/people.json", import.meta.url), "utf8"));

let opened;
const people = {};
before(async () => {
  opened = await browser({ after: () => {} });
  for (const name of ["motcua", "pho", "vanthu"]) people[name] = await officer(opened, `hcm.${name}`);
});
after(() => opened.close());

/** Whoever handles the dossier on this page, signed in once. */
async function handler({ page }) {
  const held = await page.locator("dt:text-is('Đang ở') + dd").innerText();
  const { user_name: login } = STAFF.find(({ name }) => held.endsWith(name));
  people[login] ??= await officer(opened, login);
  return people[login];
}

/** A paper opens inside the dossier's page, in a window of its own whose requests nobody holds up. */
async function preview(person, { id }) {
  const context = await opened.newContext({ storageState: await person.context.storageState() });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  await page.goto(`${BASE}/desk/ho-so/${id}`);
  const shown = page.waitForResponse((answer) => answer.url().startsWith(`${BASE}/giay-to/`));
  await page.locator("summary:has-text('bản án.pdf')").click();
  const answer = await shown;
  assert.equal(answer.headers()["content-type"], "application/pdf");
  assert.equal(await page.locator("iframe").first().getAttribute("title"), "bản án.pdf");
  assert.deepEqual(complaints, []);
  await context.close();
}

/** The applicant downloads a paper from the dossier's page and shows it to whoever asks. */
async function proves(citizen, title) {
  const address = await citizen.page.locator(`main a[href*='/van-ban/']:text('${title}')`).last().getAttribute("href");
  const buffer = await (await citizen.context.request.get(BASE + address)).body();
  await citizen.go("/xac-thuc");
  await citizen.page.locator("#file").setInputFiles([{ name: "quyet-dinh.pdf", mimeType: "application/pdf", buffer }]);
  await citizen.click("button:text('Kiểm tra tệp')");
  const said = await citizen.page.locator("main").innerText();
  assert.match(said, /còn nguyên vẹn/);
  assert.match(said, /Ký số bởi\s+Thi hanh an dan su thu nghiem/);
}

/** From receipt to the returned result, each act through its form. */
async function work(filed, procedure) {
  const { motcua: counter, pho: leader, vanthu: clerk } = people;
  await find(counter, filed);
  const receive = await open(counter, "receive");
  await counter.leave(() => receive.locator("button[name=_preview]").click());
  assert.match(await counter.page.locator(".notice .letter").innerText(), /tiếp nhận/i);
  await act(counter, filed, "receive");
  filed.code = (await read(counter, filed)).code;
  await act(counter, filed, "complete_step", { note: "Chuyển ngay" });

  await find(leader, filed);
  if ((await read(leader, filed)).state.step.key === "assign") await act(leader, filed, "assign", { note: "Đúng địa bàn" });
  const examiner = await handler(leader);

  await find(examiner, filed);
  const { named, said = {} } = GRANTED[procedure];
  const draft = await open(examiner, "draft");
  const others = named ? await draft.locator(`[name="/draft/${named}"]`).evaluateAll((all) => all.map(({ value }) => value)) : [];
  await act(examiner, filed, "draft", named ? { ...said, [named]: others.at(-1) } : said);
  await act(examiner, filed, "propose");
  await find(leader, filed);
  await act(leader, filed, "sign");
  await act(clerk, filed, "number");
  await act(clerk, filed, "hand_over");
  await find(counter, filed);
  await act(counter, filed, "return", { to: "Người nộp", way: "counter" });
  return read(leader, filed);
}

/** After a decision its clerk sends it to the procuracy and says so; a wrong day keeps what was typed. */
async function send({ id, code }) {
  const { vanthu: clerk } = people;
  const { page } = clerk;
  await clerk.go("/desk/sau-quyet-dinh");
  const row = page.locator("tr").filter({ hasText: code }).filter({ hasText: "Viện kiểm sát" });
  await clerk.leave(() => row.locator("a[data-row]").click());
  const form = page.locator("main form[action^='/desk/sau-quyet-dinh/']");
  const field = (name) => form.locator(`[name="/gui/${name}"]`);
  const today = await field("on").inputValue();
  await field("on").fill("01/01/2020");
  await field("way").and(page.locator("[value=post]")).check();
  await field("note").fill("EB123456789VN");
  await clerk.leave(() => form.locator("button").click());
  assert.equal(await page.locator(".error-summary").count(), 1);
  assert.equal(await field("note").inputValue(), "EB123456789VN", "what was typed stays");
  await field("on").fill(today);
  await clerk.leave(() => form.locator("button").click());
  assert.match(await page.locator("p.good[role=status]").innerText(), /Đã ghi/);
  await clerk.go(`/desk/ho-so/${id}`);
  assert.match(await page.locator("main").innerText(), /đã gửi ngày .*, qua bưu chính; EB123456789VN/);
}

for (const [nth, [procedure, name]] of FILED.entries()) {
  test(`${procedure}: from the first click on a phone to the returned result`, { timeout: 600_000 }, async () => {
    const answers = example(procedure, name);
    const contact = { name: answers.applicant.full_name, email: `nguoi-nop-${nth}@example.vn` };
    const phone = await Visitor.at(opened, { dark: nth === 1 });
    const filed = await file(phone, procedure, answers, contact);

    const another = await Visitor.at(opened);
    await track(another, filed);
    assert.match(await another.page.locator("main").innerText(), /bản án\.pdf/);
    const kept = await api("GET", `/dossiers/${filed.id}`, { key: filed.key });
    // Ticked boxes come in the order of the page.
    kept.answers.grounds?.sort();
    answers.grounds?.sort();
    assert.deepEqual(kept.answers, { ...answers, applicant: { email: contact.email, ...answers.applicant } });
    assert.ok((await mailTo(contact.email, filed.code)).length > 0);

    if (nth === 0) await preview(people.motcua, filed);
    const done = await work(filed, procedure);
    assert.equal(done.state.name, "returned");
    const { number } = done.internal.decision;
    await another.go(`/ho-so/${filed.id}`);
    assert.match(await another.page.locator("main").innerText(), new RegExp(number.replaceAll("/", "\\/")));
    assert.ok((await mailTo(contact.email, done.code)).length >= 2, "told at each turn");
    if (nth === 0) await proves(another, "Quyết định thi hành án");
    if (nth === 0) await send(done);
    await another.context.close();
    await phone.context.close();
  });
}
