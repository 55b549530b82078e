// The pages of administration: people and their roles, units, partners and their keys, a holiday with
// the dossiers it moves, and what the service says of its own rules and its own work. Then the same on
// a phone, in the dark, in English, without script and by keys.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, Visitor, api, ask, browser, example, mailTo } from "./office.mjs";
import { act, find, officer, open, read } from "./officer.mjs";
import { note } from "./seen.mjs";

const AT = "/desk/quan-tri";
const PAGES = ["nhan-vien", "nhan-vien/cuc.pho", "don-vi", "uy-quyen", "quy-trinh", "lich", "nhat-ky", "doi-tac", "viec-nen", "gop-y", "van-ban", "van-ban/receipt"];
const VERSION = `${AT}/quy-trinh/result_confirmation/2026-07-01`;

let opened, admin, second, newcomer, known;
before(async () => {
  opened = await browser({ after: () => {} });
  admin = await officer(opened, "cuc.quantri");
  second = await officer(opened, "cuc.phapche");
});
after(() => opened.close());

const said = (person) => person.page.locator("main").innerText();

/** The same person at another device, without signing in again. */
async function elsewhere(person, at) {
  const visitor = await Visitor.at(opened, { limit: 250 * 1024, ...at });
  const cookies = await person.context.cookies();
  await visitor.context.addCookies(cookies);
  if (at.language) await visitor.context.addCookies([{ name: "motcua-ngon-ngu", value: at.language, url: BASE }]);
  return visitor;
}

/** Fills a form of administration by what its choices are called, and sends it. */
async function send(person, id, given) {
  const { page } = person;
  const folded = page.locator(`details:has(> summary#form-${id})`);
  if ((await folded.count()) && !(await folded.evaluate((element) => element.open))) await folded.locator("> summary").click();
  const form = page.locator(`:is(details:has(> summary#form-${id}), section:has(> #form-${id})) form`);
  for (const [name, value] of Object.entries(given)) {
    const field = form.locator(`[name="/${id}/${name}"]`);
    const type = await field.first().evaluate((one) => one.type);
    if (type === "select-one") await field.selectOption({ label: value });
    else if (type === "radio" || type === "checkbox") {
      for (const label of [value].flat()) await field.and(form.getByLabel(label, { exact: true })).check();
    } else await field.fill(value);
  }
  await person.leave(() => form.locator("button").click());
}

const vn = (day) => day.split("-").reverse().join("/");

test("a unit and a person are added, who signs in for the first time; roles are given and ended", { timeout: 600_000 }, async () => {
  await admin.click("header a:text('Quản trị')");
  assert.equal(admin.path(), `${AT}/nhan-vien`);
  assert.match(await said(admin), /Lương Đình Khải/);
  assert.doesNotMatch(await said(admin), /hcm\./, "people of other agencies are not here");

  await admin.click("main a:text('Đơn vị')");
  await send(admin, "them", { name: "" });
  assert.match(await admin.page.locator(".error-summary").innerText(), /Tên đơn vị/);
  await send(admin, "them", { name: "Phòng Nghiệp vụ 9", name_en: "Section 9" });
  assert.match(await said(admin), /Phòng Nghiệp vụ 9/);

  await admin.click("main a:text('Nhân viên')");
  await send(admin, "them", { name: "Trần Thị Người Mới", user_name: "Cục Mới", unit: "Bộ phận Một cửa", role: "Công chức Một cửa" });
  assert.match(await admin.page.locator(".error-summary").innerText(), /Tên đăng nhập/);
  await send(admin, "them", { user_name: "cuc.moi" });
  assert.match(await said(admin), /Chỉ hiện một lần/);
  assert.ok(await admin.page.getByRole("img", { name: /Mã QR/ }).isVisible());
  const [login, password, secret] = await admin.page.locator("main dl.answers code").allInnerTexts();
  assert.equal(login, "cuc.moi");
  known = { password, secret };
  await admin.click("a:text('Đã giao xong')");

  await send(admin, "vai-tro", { unit: "Lãnh đạo cơ quan", role: "Lãnh đạo" });
  await send(admin, "vai-tro", { unit: "Phòng Nghiệp vụ 9", role: "Chấp hành viên, người xử lý" });
  await send(admin, "vai-tro", { unit: "Văn thư", role: "Văn thư", post_until: "31/12/2099" });
  assert.match(await said(admin), /Phòng Nghiệp vụ 9/);
  await send(admin, "thoi-vai-tro", { post: "Chấp hành viên, người xử lý · Phòng Nghiệp vụ 9" });
  const held = () => admin.page.locator("main dl.answers").innerText();
  assert.doesNotMatch(await held(), /Phòng Nghiệp vụ 9/, "a role is ended at once");
  // On a day to come; and never on one that is over.
  await send(admin, "thoi-vai-tro", { post: "Văn thư · Văn thư → 31/12/2099", last: "01/01/2020" });
  assert.match(await admin.page.locator(".error-summary").innerText(), /Ngày cuối/);
  await send(admin, "thoi-vai-tro", { last: "30/12/2098" });
  assert.match(await held(), /Văn thư · Văn thư → 30\/12\/2098/);
  assert.match(await held(), /Công chức Một cửa · Bộ phận Một cửa\nLãnh đạo · Lãnh đạo cơ quan/);

  newcomer = await officer(opened, "cuc.moi", undefined, known);
  assert.deepEqual(await newcomer.page.locator("header .wrap > nav a").allInnerTexts(), ["Hồ sơ", "Tiếp nhận", "Sổ việc", "Cần gửi", "Sổ, danh sách", "Tổng quan"]);
});

test("a holiday shows which dossiers move before it is confirmed", { timeout: 600_000 }, async () => {
  const agencies = await api("GET", "/agencies");
  const agency = agencies.find(({ name }) => name.vi.includes("Cục")).id;
  const answers = example("result_confirmation", "valid-debtor");
  const email = "ngaynghi@example.vn";
  const body = { procedure: "result_confirmation", agency, contact: { name: answers.applicant.full_name, email }, answers, submit: true };
  const filed = await api("POST", "/dossiers", { body, once: crypto.randomUUID() });
  const one = { id: filed.id, code: filed.reference };
  await find(newcomer, one);
  await act(newcomer, one, "receive");
  // Put off so far that no dossier of another spec is due that day or later.
  const limit = `/calculators/due-date?limit=40wd&received_at=${encodeURIComponent(new Date().toISOString())}`;
  const day = vn((await api("GET", limit)).due_on);
  await open(newcomer, "extend");
  await act(newcomer, one, "extend", { reason: "complex_matter", new_due_on: day });
  const before = await read(newcomer, one);
  one.code = before.code;
  assert.equal(vn(before.clock.due_on), day);

  await admin.click("main a:text('Lịch nghỉ')");
  await send(admin, "doi", { date: "32/01/2026", kind: "Nghỉ lễ", name: "Nghỉ đột xuất" });
  const wrong = await admin.page.locator(".error-summary").innerText();
  assert.match(wrong, /Ngày/);
  await send(admin, "doi", { date: day, kind: "Nghỉ lễ", name_en: "Extra day off", source: "Thông báo số 1/TB ngày 02/01/2026" });
  assert.equal(admin.path(), `${AT}/lich/xem-truoc`);
  const preview = await said(admin);
  assert.match(preview, /Chưa có gì thay đổi/);
  assert.match(preview, /Số hồ sơ đổi hạn\s+1\b/);
  assert.ok(preview.includes(one.code), preview);
  const moved = new RegExp(`${day} → (\\d\\d/\\d\\d/\\d{4})`).exec(preview)[1];
  assert.doesNotMatch(preview, new RegExp(answers.applicant.full_name), "an administrator reads no dossier");
  assert.equal((await read(newcomer, one)).clock.due_on, before.clock.due_on);

  await admin.click("button:text('Xác nhận thay đổi')");
  assert.match(await said(admin), /Đã áp dụng phiên bản lịch/);
  assert.match(await said(admin), new RegExp(`${day}\\s+Nghỉ lễ\\s+Nghỉ đột xuất`));
  const source = admin.page.locator("tr", { has: admin.page.getByRole("link", { name: day.slice(6), exact: true }) });
  await source.locator("summary").click();
  assert.match(await source.innerText(), /Thay đổi 1: Thông báo số 1\/TB ngày 02\/01\/2026/);
  await mailTo(email, moved);
  const now = await read(newcomer, one);
  assert.equal(vn(now.clock.due_on), moved);
});

test("a partner gets a key, a new one, and is shut out", { timeout: 600_000 }, async () => {
  const token = (client_id, client_secret) =>
    ask("POST", `${BASE}/oauth/token`, { "Content-Type": "application/x-www-form-urlencoded" }, `${new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret })}`);
  const keys = () => admin.page.locator("main dl.answers code").allInnerTexts();
  await admin.click("main a:text('Đối tác')");
  assert.match(await said(admin), /Cổng Dịch vụ công/);
  await send(admin, "them", { name: "Ngân hàng thử nghiệm", contact_email: "kythuat@nganhang.example", networks: "không phải mạng" });
  assert.match(await admin.page.locator(".error-summary").innerText(), /Được làm gì/);
  const scopes = ["Xác nhận kết quả thi hành án: nộp và bổ sung", "Xác nhận kết quả thi hành án: đọc"];
  await send(admin, "them", { scopes, networks: "127.0.0.0/8" });
  assert.match(await said(admin), /Chỉ hiện một lần/);
  const [client, first] = await keys();
  assert.equal((await token(client, first)).status, 200);
  await admin.click("a:text('Đã giao xong')");
  assert.match(await said(admin), /Xác nhận kết quả thi hành án: nộp và bổ sung, đọc\s/);
  await send(admin, "bi-mat", { overlap: "0" });
  const [, second] = await keys();
  assert.equal((await token(client, first)).status, 401, "the former secret ended");
  assert.equal((await token(client, second)).status, 200);
  await admin.click("a:text('Đã giao xong')");
  assert.match(await said(admin), /127\.0\.0\.0\/8/);
  assert.doesNotMatch(await said(admin), /chưa dùng/);
  await send(admin, "dong", {});
  assert.match(await said(admin), /Đã thu hồi lúc/);
  assert.equal((await token(client, second)).status, 401);
});

test("who is away has a deputy, and administration sees it", { timeout: 600_000 }, async () => {
  const today = new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10);
  await admin.go("/desk/nghi-phep");
  await send(admin, "vang", { from: vn(today), until: vn(today), deputy: "Thái Thị Hoài An", reason: "Đi họp" });
  assert.match(await said(admin), /Lâm Hoàng Phúc\s+đang vắng/);
  await admin.go(`${AT}/uy-quyen`);
  const row = admin.page.locator("tbody tr", { hasText: "Lâm Hoàng Phúc" });
  assert.match(await row.innerText(), /Thái Thị Hoài An.*\s.*đang có hiệu lực/s);
  const phone = await elsewhere(admin, { viewport: { width: 360, height: 640 } });
  await phone.go("/desk/nghi-phep");
  await phone.click("th a:text('Lâm Hoàng Phúc')");
  assert.match(await said(phone), /Thái Thị Hoài An/);
  await phone.go(`${AT}/uy-quyen`);
  await admin.go("/desk/nghi-phep");
  await admin.click("button:text('Kết thúc ngay')");
  assert.match(await said(admin), /Không có ai vắng mặt/);
});

test("rules in force with what is unverified, work given up, and whether the record holds", { timeout: 600_000 }, async () => {
  await admin.go(`${AT}/quy-trinh`);
  assert.match(await said(admin), /Từ 01\/07\/2026[^⚠]*đang áp dụng ⚠ \d+ chưa kiểm chứng/);
  await admin.click(`main a[href="${VERSION}"]`);
  const version = await said(admin);
  assert.match(version, /Thời hạn giải quyết\s+5 ngày làm việc/);
  assert.match(version, /Căn cứ chưa kiểm chứng \(\d+\)/);
  assert.match(version, /Điều \d+/);
  assert.doesNotMatch(version, /\b\d+[wc]d\b/);
  const html = await (await admin.document()).body();
  assert.ok(html.length < 80 * 1024, `${html.length} bytes`);

  await admin.go(`${AT}/gop-y`);
  assert.match(await said(admin), /Góp ý về các trang/);
  await admin.go(`${AT}/viec-nen`);
  assert.match(await said(admin), /Việc nền đã bỏ cuộc/);

  await admin.click("main a:text('Nhật ký')");
  await admin.click("button:text('Kiểm tra toàn bộ ngay')");
  for (const until = Date.now() + 60_000; /Đang kiểm tra/.test(await said(admin)); ) {
    assert.ok(Date.now() < until, "the proof does not end");
    await new Promise((later) => setTimeout(later, 500));
    await admin.page.reload();
  }
  await admin.check();
  assert.match(await said(admin), /Nguyên vẹn, kiểm tra xong lúc/);
});

test("a letter is rewritten by one person and published by another", { timeout: 600_000 }, async () => {
  const letter = `${VERSION}/thu/received`;
  const english = await elsewhere(admin, { language: "en", viewport: { width: 1280, height: 800 } });
  for (const person of [english, admin]) {
    await person.go(VERSION);
    await person.click(`main a[href="${letter}"]`);
    const { page } = person;
    for (const [language, line] of [["vi", "Xin mang theo căn cước."], ["en", "Please bring your identity card."]]) {
      const text = page.locator(`[name="/thu/body_${language}"]`);
      await text.fill(`${await text.inputValue()}\n${line}\n`);
    }
    await page.locator('[name="/thu/effective_from"]').fill("01/07/2030");
    await page.locator('[name="/thu/why"]').fill("Người dân hay quên giấy tờ tùy thân.");
    await person.click("main form button:not([name])");
    assert.equal(await page.locator("ins").count(), 4);
  }
  assert.match(await said(english), /Read on a recorded dossier/);
  await english.click("button:text('Propose it')");
  await english.click("button:text('Take it back')");
  assert.match(await said(english), /not published/);
  await admin.click("button:text('Đề nghị ban hành')");
  const proposal = admin.path();
  assert.match(await said(admin), /chờ người thứ hai/);
  assert.equal(await admin.page.locator("button:text('Ban hành')").count(), 0);
  await english.go(proposal);
  await english.go(`${AT}/quy-trinh`);

  await second.go(`${AT}/quy-trinh`);
  await second.click(`main a[href="${proposal}"]`);
  await second.click("button:text('Ban hành')");
  assert.match(await said(second), /đã ban hành/);
  await second.click("main a:text('← Thủ tục')");
  assert.match(await said(second), /Từ 01\/07\/2030/);
  await english.context.close();
});

test("a paper is rewritten by one person and published by another", { timeout: 600_000 }, async () => {
  const rewrite = async (kind, from) => {
    await admin.go(`${AT}/van-ban/${kind}`);
    const text = admin.page.locator("[name='/mau/template']");
    const before = await text.inputValue();
    await text.fill(`${before}\n#let (`);
    await admin.page.locator("[name='/mau/effective_from']").fill(from);
    await admin.page.locator("[name='/mau/why']").fill("Người dân hay quên giấy tờ.");
    await admin.click("main form button");
    assert.match(await admin.page.locator(".error-summary").innerText(), /Không dựng được văn bản/);
    await text.fill(`${before}\nXin mang theo căn cước khi đến.`);
    await admin.click("main form button");
    assert.match(await admin.page.locator("ins").last().innerText(), /mang theo căn cước/);
  };
  await admin.go(`${AT}/van-ban`);
  await rewrite("cover_sheet", "01/07/2030");
  await admin.click("button:text('Đề nghị ban hành')");
  const proposal = admin.path();
  assert.match(await said(admin), /chờ người thứ hai/);
  await second.go(proposal);
  await second.click("button:text('Ban hành')");
  assert.match(await said(second), /đã ban hành/);

  // On a paper that was made: printed before it is proposed, and taken back.
  const answers = example("result_confirmation", "valid-debtor");
  const agency = (await api("GET", "/agencies", {})).find(({ name }) => name.vi.includes("Đồng Nai")).id;
  const body = { procedure: "result_confirmation", agency, answers, contact: { name: answers.applicant.full_name }, submit: true };
  await api("POST", "/dossiers", { body, once: crypto.randomUUID() });
  await rewrite("filed_copy", "01/07/2031");
  const sheet = admin.context.waitForEvent("page");
  const printed = admin.context.waitForEvent("response", (answer) => answer.url().endsWith("/in-thu"));
  await admin.page.locator("button:text('Mở bản in thử')").click();
  const answer = await printed;
  assert.equal(answer.status(), 200);
  note("POST", answer.url(), answer.status(), "vi");
  await (await sheet).close();
  await admin.click("button:text('Đề nghị ban hành')");
  await admin.click("button:text('Rút đề nghị')");
  assert.match(await said(admin), /không ban hành/);
});

test("the same pages on a phone, in the dark, in English, and without script", { timeout: 600_000 }, async () => {
  const pages = [...PAGES.map((page) => `${AT}/${page}`), VERSION, "/desk/nghi-phep", "/desk/tai-khoan"];
  const phone = await elsewhere(admin, {});
  for (const page of pages) {
    await phone.go(page);
    const tall = await phone.page.locator("header.top").evaluate((header) => header.offsetHeight);
    assert.ok(tall <= 112, `${page}: the head of the page takes ${tall} px of a phone`);
  }
  await phone.go(`${AT}/nhan-vien`);
  const rows = await phone.page.locator("tbody tr").evaluateAll((all) => all.map((row) => row.offsetHeight));
  assert.ok(Math.max(...rows) <= 160, `a person takes ${Math.max(...rows)} px of a phone`);

  const leader = await elsewhere(newcomer, {});
  for (const page of ["/desk/tong-quan", "/desk/nghi-phep", "/desk"]) await leader.go(page);
  await leader.go("/desk/tong-quan");
  assert.match(await said(leader), /Theo người xử lý/);

  for (const at of [{ dark: true }, { language: "en", viewport: { width: 1280, height: 800 } }]) {
    const other = await elsewhere(admin, at);
    for (const page of pages) await other.go(page);
    await other.context.close();
  }

  const bare = await elsewhere(admin, { script: false });
  await bare.go(`${AT}/lich`);
  await bare.page.locator(".menu summary").click();
  await bare.click(".menu a:text('Vắng mặt')");
  assert.equal(bare.path(), "/desk/nghi-phep");
});

test("keys lead everywhere at the desk, and ? lists them", { timeout: 600_000 }, async () => {
  const pages = { [`${AT}/nhan-vien`]: admin, [`${AT}/lich`]: admin, [VERSION]: admin, "/desk": newcomer, "/desk/tiep-nhan": newcomer };
  for (const [at, person] of Object.entries(pages)) {
    const { keyboard } = person.page;
    await person.go(at);
    await keyboard.press("?");
    const list = person.page.locator("#phim");
    assert.ok(await list.isVisible(), `${at}: no list of keys`);
    await person.check();
    const listed = await list.locator("dt").allInnerTexts();
    const places = await person.page.locator("a[data-go]").evaluateAll((all) => all.map(({ dataset, href }) => [dataset.go, href]));
    assert.deepEqual(listed.filter((key) => key.startsWith("g")).sort(), places.map(([key]) => `g ${key}`).sort(), at);
    for (const key of ["j / k", "Enter", "/", "?"]) assert.ok(listed.includes(key), `${at}: ${key} is not listed`);
    await keyboard.press("Escape");
    await list.waitFor({ state: "hidden" });
    // Until the browser has laid it out without the list, keys still go to what was focused in there.
    await person.page.waitForFunction(() => !document.activeElement.closest("dialog"));
    for (const [key, href] of places) {
      await keyboard.press("g");
      const from = person.path();
      await person.leave(() => keyboard.press(key)).catch((cause) => {
        throw new Error(`g ${key} on ${from} leads nowhere`, { cause });
      });
      const { pathname } = new URL(href);
      assert.equal(person.path(), pathname === AT ? `${AT}/nhan-vien` : pathname);
    }
  }
});

test("a person's account is closed", { timeout: 600_000 }, async () => {
  await admin.go(`${AT}/nhan-vien/cuc.moi`);
  await send(admin, "mat-khau", {});
  assert.match(await said(admin), /Mật khẩu/);
  await admin.click("a:text('Đã giao xong')");
  await send(admin, "totp", {});
  assert.match(await said(admin), /Khóa mã OTP/);
  await admin.click("a:text('Đã giao xong')");
  await send(admin, "dong", {});
  assert.match(await said(admin), /Đã đóng lúc/);
  await newcomer.go("/desk");
  assert.equal(newcomer.path(), "/desk/dang-nhap");
});
