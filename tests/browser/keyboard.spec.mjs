// A request filed with the keys of a keyboard and nothing else: Tab, Space, arrows, Enter.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BASE, Visitor, api, at, browser, example, pdf, questions, track, typed } from "./office.mjs";
import { officer, read } from "./officer.mjs";
import { scan as scanned } from "./reader.mjs";

const MOST_TABS = 80;

/** Goes on with Tab until the focus is on what is meant; it must be seen there. */
async function tabTo(page, what) {
  const wanted = page.locator(what).filter({ visible: true }).first();
  await wanted.waitFor();
  for (let pressed = 0; pressed < MOST_TABS; pressed += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      const outline = await wanted.evaluate((element) => getComputedStyle(element).outlineStyle);
      assert.notEqual(outline, "none", `${what}: the focus is not seen`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`${what}: not reached with Tab`);
}

async function write(page, what, text) {
  await tabTo(page, what);
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(text);
}

/** A choice among several: Tab to the group, then the arrows. */
async function choose(page, name, value) {
  const wanted = page.locator(`[name="${name}"][value="${value}"]`);
  const inGroup = () => page.evaluate((group) => document.activeElement?.name === group, name);
  for (let pressed = 0; !(await inGroup()); pressed += 1) {
    assert.ok(pressed < MOST_TABS, `${name}: not reached with Tab`);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Space");
  for (let pressed = 0; !(await wanted.isChecked()); pressed += 1) {
    assert.ok(pressed < MOST_TABS, `${name}: ${value} is not reached with the arrows`);
    await page.keyboard.press("ArrowDown");
  }
}

/** Presses what leads to another page. */
async function press(visitor, what) {
  await tabTo(visitor.page, what);
  await visitor.leave(() => visitor.page.keyboard.press("Enter"));
}

/** All pages of the form; the papers come after. */
async function fillForm(desk, answers) {
  const { page } = desk;
  while (desk.path().includes("/khai/")) {
    const here = desk.path();
    const names = await page
      .locator('form[data-autosave] :is(input,textarea)[name^="/"]')
      .evaluateAll((all) => [...new Map(all.map(({ name, type }) => [name, type]))]);
    for (const [name, type] of names) {
      const value = at(answers, name);
      const field = page.locator(`[name="${name}"]`).first();
      if (value === undefined || !(await field.isVisible())) continue;
      if (type === "radio") {
        await choose(page, name, value);
      } else if (type === "checkbox") {
        for (const one of Array.isArray(value) ? value : ["true"]) {
          await tabTo(page, `[name="${name}"][value="${one}"]`);
          await page.keyboard.press("Space");
        }
      } else {
        await write(page, `[name="${name}"]`, typed(value));
      }
    }
    await press(desk, "button:text('Lưu và tiếp tục')");
    assert.deepEqual(await page.locator(".error-summary li").allInnerTexts(), [], here);
  }
}

test("a request is filed with the keyboard alone", { timeout: 600_000 }, async (t) => {
  const desk = await Visitor.at(await browser(t), { viewport: { width: 1280, height: 800 } });
  const { page } = desk;
  const answers = example("result_confirmation", "valid-debtor");

  await desk.go("/");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip", "the first stop leads to the content");
  await press(desk, 'a[href="/thu-tuc/result_confirmation"]');
  await press(desk, 'a[href="/nop-ho-so/result_confirmation"]');
  for (const { key, on } of questions("result_confirmation")) await choose(page, key, on);
  await press(desk, "main form button");
  const agency = await page.getByLabel("Thành phố Hồ Chí Minh").first().getAttribute("value");
  await choose(page, "agency", agency);
  await write(page, "#name", answers.applicant.full_name);
  await write(page, "#email", "ban-phim@example.vn");
  await press(desk, "button:text('Bắt đầu khai')");

  await fillForm(desk, answers);
  // Listened for long before the key: until the browser knows of it, it would open a window of its own.
  const asked = new Promise((found) => page.once("filechooser", found));
  await tabTo(page, "input[type=file] >> nth=0");
  await page.keyboard.press("Space");
  await (await asked).setFiles([pdf("quyết định.pdf")]);
  await press(desk, "button:text('Gửi tệp')");
  await press(desk, "a:text('Tiếp tục')");
  await press(desk, "button:text('Nộp hồ sơ')");
  assert.match(desk.path(), /\/da-nop$/);
  await press(desk, "a:text('Xem hồ sơ')");
  assert.match(await page.locator("main").innerText(), /quyết định\.pdf/);
});

test("a request on paper is taken in and received at the counter with the keyboard alone", { timeout: 600_000 }, async (t) => {
  const counter = await officer(await browser(t), "hcm.motcua2");
  const { page } = counter;
  const answers = example("result_confirmation", "valid-debtor");
  await page.keyboard.press("g");
  await counter.leave(() => page.keyboard.press("t"));
  assert.equal(counter.path(), "/desk/tiep-nhan");
  await press(counter, "main button:text('Bắt đầu nhập')");
  assert.ok((await page.locator(".error-summary li").count()) > 0, "an empty form is sent back with what is missing");
  await choose(page, "procedure", "result_confirmation");
  await choose(page, "channel", "postal");
  await write(page, "#name", answers.applicant.full_name);
  await press(counter, "main button:text('Bắt đầu nhập')");
  const id = counter.path().split("/")[2];
  await fillForm(counter, answers);
  await press(counter, "a:text('Tiếp tục')");
  const yesterday = new Date(Date.now() - 17 * 3600_000).toISOString().slice(0, 10);
  // One original and two copies in the envelope: none is scanned.
  await tabTo(page, "#handed-taken-request");
  await page.keyboard.press("Space");
  await tabTo(page, "#handed-taken-representation_proof");
  await page.keyboard.press("Space");
  await tabTo(page, "#handed-form-representation_proof");
  await page.keyboard.press("ArrowDown");
  await write(page, "#handed-quantity-representation_proof", "2");
  await write(page, "#requested_on", typed(yesterday));
  await press(counter, "button:text('Nộp và tiếp nhận')");
  // The applicant takes the printed receipt home: its code leads to what it is, and code and key to the dossier.
  const [code, key] = await page.locator(".code").allInnerTexts();
  const receipt = await counter.context.request.get(BASE + (await page.locator("a[data-key=i]").getAttribute("href")));
  const home = await Visitor.at(counter.context.browser());
  await home.go((await scanned(await receipt.body()))[0]);
  assert.match(await home.page.locator("main").innerText(), /còn hiệu lực/);
  await home.click("header a:text-is('Tra cứu')");
  await track(home, { id, code, key });
  await home.context.close();
  await counter.go(`/desk/ho-so/${id}`);
  const said = await page.locator("main").innerText();
  assert.ok(said.includes(answers.applicant.full_name) && said.includes(typed(yesterday)), said);
  const { state, channel, handed_over } = await read(counter, { id });
  assert.deepEqual([state.name, channel], ["in_process", "postal"]);
  assert.deepEqual(handed_over.papers, [
    { requirement: "request", form: "original", quantity: 1 },
    { requirement: "representation_proof", form: "plain_copy", quantity: 2 },
  ]);
  assert.match(said, /Đã nhận bằng giấy:[^]*Bản sao, số lượng: 2/);

  // Papers of a request filed online come by post: their cover sheet is scanned, as a keyboard types.
  const agencies = await api("GET", "/agencies", {});
  const agency = agencies.find(({ name }) => name.vi.includes("Hồ Chí Minh")).id;
  const body = { procedure: "result_confirmation", agency, contact: { name: answers.applicant.full_name }, answers, submit: true };
  const online = await api("POST", "/dossiers", { body, once: crypto.randomUUID() });
  const scan = async (text) => {
    await page.keyboard.press("g");
    await counter.leave(() => page.keyboard.press("t"));
    await tabTo(page, "#ma");
    await page.keyboard.insertText(text);
    await counter.leave(() => page.keyboard.press("Enter"));
  };
  await scan("YC-KHONG-CO");
  assert.match(await page.locator("main").innerText(), /Không tìm thấy hồ sơ có mã YC-KHONG-CO/);
  await page.evaluate(() => document.activeElement.blur());
  await scan(`https://motcua.example/tra-cuu#${online.reference}.${online.tracking_key}`);
  assert.equal(counter.path(), `/desk/ho-so/${online.id}`);
  assert.ok(await page.locator(`main a[href="/desk/ho-so/${id}"]`).isVisible(), "an earlier one of the same person");

  // A key opens an act; the list of keys has those of the page.
  await page.keyboard.press("c");
  assert.ok(await page.locator("form[id=add_note] textarea").isVisible());
  await page.keyboard.press("?");
  assert.match(await page.locator("#phim").innerText(), /Tiếp nhận hồ sơ/);
  await page.keyboard.press("Escape");
  await page.locator("#phim").waitFor({ state: "hidden" });
});

test("a mistake is met first, and its link leads to the field", { timeout: 600_000 }, async (t) => {
  const desk = await Visitor.at(await browser(t));
  const { page } = desk;
  await desk.go("/nop-ho-so/result_confirmation?tiep=1");
  await write(page, "#email", "khong phai thu");
  await tabTo(page, "button:text('Bắt đầu khai')");
  await desk.leave(() => page.keyboard.press("Enter"));
  assert.equal(await page.evaluate(() => document.activeElement.id), "loi");
  assert.equal(await page.locator("#email").inputValue(), "khong phai thu");
  // All that is wrong at once, each at its field and by its name.
  const said = await page.locator(".error-summary li").allInnerTexts();
  assert.deepEqual(said.map((line) => line.split(":")[0]), ["Cơ quan thi hành án giải quyết", "Họ và tên người nộp", "Thư điện tử"]);
  assert.equal(await page.locator("#email").getAttribute("aria-invalid"), "true");
  assert.ok(await page.locator("#email-mistake").isVisible());
  await tabTo(page, ".error-summary a >> nth=0");
  await page.keyboard.press("Enter");
  const target = await page.locator(".error-summary a").first().getAttribute("href");
  assert.equal(new URL(page.url()).hash, target);
  assert.ok(await page.locator(target).isVisible());
});
