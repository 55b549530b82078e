// The longest form, filed by a browser that runs no script at all: for somebody else, with second thoughts about
// where it goes, and by a phone that forgets the dossier's key half-way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor, begin, browser, example, fillForm, finish, track } from "./office.mjs";

test("a request is filed and followed without any script", { timeout: 600_000 }, async (t) => {
  const opened = await browser(t);
  const phone = await Visitor.at(opened, { script: false });
  const { page } = phone;
  const answers = example("enforcement_decision", "valid-late");
  const contact = { name: answers.applicant.full_name, email: "khong-script@example.vn" };
  await begin(phone, "enforcement_decision", contact);
  const [code, key] = await page.locator("details .code").allInnerTexts();

  // The key is gone from the browser, what was typed is not.
  await phone.context.clearCookies({ name: "motcua-ho-so" });
  await page.locator("[name='/applicant/full_name']").fill(answers.applicant.full_name);
  await phone.click("button:text('Lưu và tiếp tục')");
  assert.match(await page.locator("main").innerText(), /nội dung đã nhập còn nguyên/);
  await page.getByLabel("Mã hồ sơ").fill(code);
  await page.getByLabel("Mã bí mật").fill("AAAA-BBBB-CCCC");
  await phone.click("button:text('Mở hồ sơ và tiếp tục')");
  assert.equal(await page.locator(".mistake").count(), 1);
  await page.getByLabel("Mã bí mật").fill(key);
  await phone.click("button:text('Mở hồ sơ và tiếp tục')");
  assert.match(phone.path(), /\/khai\//);
  assert.equal(await page.locator("[name='/applicant/full_name']").inputValue(), answers.applicant.full_name);

  const id = await fillForm(phone, answers);
  await phone.go(`/ho-so/${id}/kiem-tra`);
  await phone.click("a:has-text('Sửa nơi nhận')");
  await page.locator("#mode-helper").check();
  await page.locator("#filled_in_by").fill("Trần Thị Giúp");
  await page.locator("#phone").fill("không có");
  await phone.click("button:text('Lưu')");
  assert.equal(await page.locator(".error-summary a").getAttribute("href"), "#phone");
  await page.locator("#phone").fill("0903 123 456");
  await phone.click("button:text('Lưu')");
  assert.match(await page.locator("main").innerText(), /Có người khai giúp: Trần Thị Giúp/);
  await phone.click("a:text('Thêm hoặc bỏ giấy tờ')");
  const filed = await finish(phone, id);
  await track(await Visitor.at(opened, { script: false }), filed);
});
