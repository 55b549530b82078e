// The register of matters at the desk: found, opened, entered upon; a dossier about a matter leads to it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, browser, example } from "./office.mjs";
import { officer } from "./officer.mjs";

const main = (person) => person.page.locator("main").innerText();

test("a matter is found and entered upon, its dossiers lead to it, and registers are taken away", { timeout: 600_000 }, async (t) => {
  const opened = await browser(t);
  const leader = await officer(opened, "hcm.truong");
  const { page } = leader;
  await page.keyboard.press("g");
  await leader.leave(() => page.keyboard.press("m"));
  assert.equal(leader.path(), "/desk/viec");
  await page.locator("#so").fill("QĐ");
  await leader.click("form[role=search] button");
  const row = page.locator("[data-row]").first();
  const number = await row.innerText();
  await leader.leave(() => row.click());
  assert.match(await page.locator("h1").innerText(), new RegExp(number.replaceAll("/", "\\/")));

  const enter = async (entry, said) => {
    const form = page.locator(`form[action*="/${entry}?"]`);
    const fold = page.locator("details").filter({ has: form });
    if ((await fold.count()) && !(await fold.evaluate((one) => one.open))) await fold.locator("> summary").click();
    for (const [name, value] of Object.entries(said)) {
      const field = form.locator(`[name="/${entry}/${name}"]`);
      if ((await field.first().getAttribute("type")) === "radio") await field.first().check();
      else await field.fill(value);
    }
    await leader.leave(() => form.locator("button").click());
  };
  await enter("chi-phi", { total: "8.000.000", paid: "9.000.000" });
  assert.match(await page.locator(".error-summary").innerText(), /nhiều hơn/);
  assert.equal(await page.locator(`[name="/chi-phi/total"]`).inputValue(), "8.000.000", "what was typed stays");
  await enter("chi-phi", { total: "8.000.000", paid: "1.000.000" });
  assert.match(await main(leader), /còn phải nộp\s7\.000\.000/);
  await enter("phi", { total: "3.000.000", paid: "0" });
  assert.match(await main(leader), /còn phải nộp\s3\.000\.000/);
  await enter("thi-hanh", { claim: "", amount: "1.000.000", note: "Nộp tại quỹ" });
  assert.match(await main(leader), /1\.000\.000\sđ \(Nộp tại quỹ\)/);

  const agencies = await api("GET", "/agencies", {});
  const agency = agencies.find(({ name }) => name.vi.includes("Hồ Chí Minh")).id;
  const answers = example("officer_replacement", "valid-delay");
  answers.matter.decision_number = number;
  const body = { procedure: "officer_replacement", agency, contact: { name: answers.applicant.full_name }, answers, submit: true };
  const view = await api("POST", "/dossiers", { body, once: crypto.randomUUID() });
  await page.reload();
  await leader.click(`main a[href="/desk/ho-so/${view.id}"]`);
  await leader.click("main dl a[href^='/desk/viec/']");
  assert.match(await page.locator("h1").innerText(), new RegExp(number.replaceAll("/", "\\/")));

  // Registers and lists are written in the background and taken away.
  await page.keyboard.press("g");
  await leader.leave(() => page.keyboard.press("s"));
  assert.equal(leader.path(), "/desk/ket-xuat");

  /** Waits for the page to say it is there, and takes the file as the browser does. */
  const taken = async () => {
    const link = page.locator("main a.button[href$='/tep']");
    await link.waitFor();
    await page.waitForLoadState("load");
    await leader.check();
    const answer = await leader.context.request.get(new URL(await link.getAttribute("href"), page.url()).href);
    assert.equal(answer.status(), 200);
    return { file: await answer.body(), name: decodeURIComponent(answer.headers()["content-disposition"]) };
  };
  const field = (form, name) => page.locator(`[name="/${form}/${name}"]`);

  await field("so", "since").fill("30/11/2026");
  await field("so", "until").fill("29/11/2026");
  await leader.click("form[action='/desk/ket-xuat'] button");
  assert.equal(await field("so", "since").inputValue(), "30/11/2026", "what was typed stays");
  assert.match(await page.locator(".error-summary").innerText(), /Đến hết ngày/);

  await leader.go("/desk/ket-xuat");
  await field("so", "format").and(page.locator("[value=xlsx]")).check();
  await leader.click("form[action='/desk/ket-xuat'] button");
  const book = await taken();
  assert.equal(book.file.subarray(0, 2).toString(), "PK", "a workbook");
  assert.match(book.name, /so-theo-doi-ho-so_.*\.xlsx/);

  await leader.go(`/desk?xem=tat-ca&tim=${view.reference}`);
  await leader.click("button[name=dang][value=csv]");
  assert.match((await taken()).file.toString("utf8"), new RegExp(view.reference));

  await leader.go("/desk/ket-xuat");
  await leader.click("form[action='/desk/ket-xuat/giay-to'] button");
  await page.locator("main .warning, main a.button[href$='/tep']").first().waitFor();
  await leader.check();
});
