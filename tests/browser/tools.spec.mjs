// The three calculators: what people type, what comes out, and what is said of a mistake.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor, browser } from "./office.mjs";

test("the calculators answer with their reckoning, without script", { timeout: 600_000 }, async (t) => {
  const phone = await Visitor.at(await browser(t), { script: false });
  const { page } = phone;
  const said = () => page.locator("main").innerText();

  await phone.go("/");
  await phone.click("a[href='/cong-cu/han']");
  await page.getByLabel("Ngày tiếp nhận").fill("24/04/2026");
  await page.getByLabel("Giờ tiếp nhận").fill("09:30");
  await page.getByLabel("Thời hạn").fill("5");
  await phone.click("main form button");
  // The weekend, Hùng Kings' day with its day in lieu, 30 April and 1 May lie between.
  assert.match(await page.locator("[role=status]").innerText(), /thứ Tư, 06\/05\/2026, 17:00/);
  assert.match(await said(), /30\/04\/2026/);
  await page.getByLabel("Ngày tiếp nhận").fill("31/02/2026");
  await phone.click("main form button");
  assert.equal(await page.locator(".error-summary a").getAttribute("href"), "#received_at");
  assert.equal(await page.getByLabel("Ngày tiếp nhận").inputValue(), "31/02/2026");

  await phone.go("/cong-cu/phi");
  await page.getByLabel("Ngày thu phí").fill("01/10/2026");
  await page.getByLabel("Số tiền thực nhận").fill("150.000.000 đ\n2 500 000 000");
  await phone.click("main form button");
  assert.match(await page.locator("[role=status]").innerText(), /Phí thi hành án: [\d.]+\sđ/);
  assert.match(await said(), /150\.000\.000\sđ: phí 4\.500\.000\sđ/);
  await page.getByLabel("Số tiền thực nhận").fill("nhiều");
  await phone.click("main form button");
  assert.equal(await page.locator(".error-summary a").getAttribute("href"), "#receipts");

  await phone.go("/cong-cu/thoi-hieu");
  await page.getByLabel("Ngày bản án").fill("15/03/2020");
  await page.getByLabel("Ngày yêu cầu").fill("01/10/2026");
  await phone.click("main form button");
  assert.match(await page.locator("[role=status]").innerText(), /Đã hết thời hiệu/);
  await page.getByLabel("Thời gian không tính").fill("01/01/2021 - 31/12/2022");
  await phone.click("main form button");
  assert.match(await page.locator("[role=status]").innerText(), /Còn thời hiệu/);
});

test("a procedure's page reckons in place", { timeout: 600_000 }, async (t) => {
  const phone = await Visitor.at(await browser(t), { script: false });
  const { page } = phone;
  await phone.go("/thu-tuc/enforcement_decision");
  for (const key of ["han", "thoi-hieu", "phi"]) assert.equal(await page.locator(`details#${key} form`).count(), 1, key);
  await page.locator("#thoi-hieu summary").click();
  await page.getByLabel("Ngày bản án").fill("15/03/2020");
  await page.getByLabel("Ngày yêu cầu").fill("01/10/2026");
  await phone.click("#thoi-hieu button");
  assert.equal(phone.path(), "/thu-tuc/enforcement_decision");
  assert.match(await page.locator("#thoi-hieu [role=status]").innerText(), /Đã hết thời hiệu/);
  await page.getByLabel("Ngày bản án").fill("hôm qua");
  await phone.click("#thoi-hieu button");
  assert.equal(await page.locator(".error-summary a").getAttribute("href"), "#effective");
  await phone.go("/thu-tuc/result_confirmation");
  await page.locator("#han summary").click();
  assert.equal(await page.getByLabel("Thời hạn").inputValue(), "5", "the procedure's own limit");
});

test("what is hard to understand can be said without a name", { timeout: 600_000 }, async (t) => {
  const phone = await Visitor.at(await browser(t), { script: false });
  await phone.go("/");
  await phone.click("footer a[href='/gop-y']");
  await phone.click("button:text('Gửi góp ý')");
  assert.equal(await phone.page.locator(".error-summary a").getAttribute("href"), "#says");
  await phone.page.locator("#says").fill("Chữ ở trang tra cứu hơi nhỏ.");
  await phone.click("button:text('Gửi góp ý')");
  assert.match(await phone.page.locator("main").innerText(), /Xin cảm ơn/);
});

test("who need not file is told where to instead, and how each agency keeps its hours is public", { timeout: 600_000 }, async (t) => {
  const phone = await Visitor.at(await browser(t), { script: false });
  const { page } = phone;
  await phone.go("/");
  const first = await page.locator("a[href^='/thu-tuc/']").first().boundingBox();
  assert.ok(first.y + first.height < 640, "the first thing to do is in the first screen");
  await phone.go("/nop-ho-so/officer_replacement");
  await phone.click("button:text('Tiếp tục')");
  assert.equal(await page.locator(".error-summary li").count(), 2, "both questions");
  await page.locator("#nguoi-no").check();
  await phone.click("button:text('Tiếp tục')");
  const said = await page.locator("main").innerText();
  assert.match(said, /có quyền khiếu nại/);
  assert.match(said, /điểm g khoản 1 Điều 6 Luật Thi hành án dân sự 2025/);
  assert.equal(await page.getByText("Vẫn nộp hồ sơ").count(), 0, "others have no such right");
  await phone.go("/nop-ho-so/enforcement_decision?xem=1&nguoi=yes&chu-dong=no&da-co=no&thoi-hieu=yes");
  assert.ok(await page.locator("main a[href='/cong-cu/thoi-hieu']").isVisible());
  await phone.click("a:text('Vẫn nộp hồ sơ')");
  assert.ok(await page.locator("#name").isVisible());
  await phone.click("footer a[href='/tinh-trang']");
  assert.match(await page.locator("main").innerText(), /Thành phố Hồ Chí Minh/);
  await phone.go("/thu-tuc/khong-co");
  assert.match(await page.locator("main").innerText(), /Mã lỗi: not_found/);
});

test("the components of pages, at both widths, light and dark", { timeout: 600_000 }, async (t) => {
  const opened = await browser(t);
  for (const dark of [false, true]) {
    const builder = await Visitor.at(opened, { dark });
    await builder.go("/dev/components");
    await builder.page.setViewportSize({ width: 1280, height: 800 });
    await builder.go("/dev/components");
    assert.ok(await builder.page.locator("input, select, textarea").count() > 10);
    await builder.context.close();
  }
});
