// A citizen's account from its opening to a new password, and what its owner does with a dossier:
// goes on later, takes a paper away, sees who looked, withdraws.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor, browser, example, fillForm, finish, mailTo, pdf, mayFile } from "./office.mjs";

const EMAIL = "mo-tai-khoan@example.vn";

/** The address in the newest mail that says so. */
async function linkIn(says) {
  const mails = await mailTo(EMAIL, says);
  const found = mails.at(-1).text.match(new RegExp(`/tai-khoan/${says}#[\\w-]+`));
  assert.ok(found, mails.at(-1).text);
  return found[0];
}

async function signIn(person, password) {
  await person.go("/tai-khoan/dang-nhap");
  await person.page.locator("#email").fill(EMAIL);
  await person.page.locator("#password").fill(password);
  await person.click("main form button");
}

test("an account is opened, used, left, and got back by mail", { timeout: 600_000 }, async (t) => {
  const person = await Visitor.at(await browser(t));
  const { page } = person;
  const procedure = "result_confirmation";
  await person.go("/tai-khoan/dang-ky");
  await person.click("main form button");
  assert.ok((await page.locator(".mistake, .error-summary").count()) > 0, "an empty form is sent back");
  await page.locator("#name").fill("Lê Thị Mở");
  await page.locator("#email").fill(EMAIL);
  await page.locator("#new").fill("mot-mat-khau-dai-2026");
  await person.click("main form button");
  assert.match(await page.locator("h1").innerText(), /hộp thư/);

  await person.go(await linkIn("xac-nhan"));
  assert.notEqual(await page.locator("#code").inputValue(), "", "the link fills in its code");
  await person.click("main form button");
  await signIn(person, "mot-mat-khau-dai-2026");
  assert.equal(person.path(), "/tai-khoan");

  await person.go(`/thu-tuc/${procedure}/mau`);
  await person.go(`/nop-ho-so/${procedure}`);
  await mayFile(person, procedure);
  await page.getByLabel("Thành phố Hồ Chí Minh").first().check();
  await page.getByLabel("Họ và tên người nộp").fill("Lê Thị Mở");
  await page.getByLabel("Thư điện tử").fill(EMAIL);
  await person.click("button:text('Bắt đầu khai')");
  const id = person.path().split("/")[2];
  await person.go(`/ho-so/${id}/de-sau`);
  await person.go("/tai-khoan");
  await person.click("main h2 a");
  assert.equal(person.path(), `/ho-so/${id}/de-sau`, "a draft is gone on with");
  await person.click(`main a[href*="/ho-so/${id}/"]`);
  await fillForm(person, example(procedure, "valid-debtor"));
  await page.locator("input[type=file]").first().setInputFiles([pdf("nhầm.pdf")]);
  await person.click("button:text('Gửi tệp')");
  await page.getByRole("link", { name: "nhầm.pdf" }).waitFor();
  await person.click("button:text('Bỏ')");
  assert.equal(await page.getByRole("link", { name: "nhầm.pdf" }).count(), 0);
  await finish(person, id);

  await person.go(`/ho-so/${id}/ai-da-xem`);
  await person.go(`/ho-so/${id}/rut`);
  await page.locator("#reason").fill("Đã tự thỏa thuận xong.");
  await person.click("main form button");
  assert.equal(person.path(), `/ho-so/${id}`);
  assert.match(await page.locator("main").innerText(), /rút/i);

  await person.go("/tai-khoan");
  await person.click("button:text('Đăng xuất')");
  await person.go("/tai-khoan");
  assert.equal(person.path(), "/tai-khoan/dang-nhap", "signed out");
  await person.go("/tai-khoan/quen-mat-khau");
  await page.locator("#email").fill(EMAIL);
  await person.click("main form button");
  await person.go(await linkIn("dat-lai-mat-khau"));
  await page.locator("#new").fill("mot-mat-khau-khac-2026");
  await person.click("main form button");
  await signIn(person, "mot-mat-khau-khac-2026");
  assert.equal(person.path(), "/tai-khoan");
  assert.match(await page.locator("main").innerText(), /rút/i);
});
