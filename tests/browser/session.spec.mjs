// A session ends in the middle of a long form: what was typed waits while its author signs in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor, browser } from "./office.mjs";

const CITIZEN = { email: "thuha@example.vn", password: "motcua-demo-2026" };

/** The page of an ended session: its cookie is gone, and so is the key this browser held. */
async function end(visitor) {
  const kept = (await visitor.context.cookies()).filter(({ name }) => !/^(__Host-)?motcua(-ho-so)?$/.test(name));
  await visitor.context.clearCookies();
  await visitor.context.addCookies(kept);
}

async function signIn(visitor) {
  await visitor.page.getByLabel("Thư điện tử").fill(CITIZEN.email);
  await visitor.page.getByLabel("Mật khẩu").fill(CITIZEN.password);
  await visitor.click("button:text('Đăng nhập')");
}

for (const script of [true, false]) {
  test(`nothing typed is lost when the session ends, ${script ? "with" : "without"} script`, { timeout: 600_000 }, async (t) => {
    const phone = await Visitor.at(await browser(t), { script });
    const { page } = phone;
    await phone.go("/tai-khoan/dang-nhap");
    await signIn(phone);
    await phone.go("/nop-ho-so/enforcement_decision?tiep=1");
    await page.getByLabel("Thành phố Hồ Chí Minh").first().check();
    await phone.click("button:text('Bắt đầu khai')");
    const here = phone.path();
    assert.match(here, /\/khai\//);
    // Ended while the page is open: from now on nothing is saved by itself.
    await end(phone);
    const inputs = page.locator("main form[data-autosave] input:is([type=text],:not([type]))").filter({ visible: true });
    const typed = {};
    for (let at = 0; at < (await inputs.count()); at += 1) {
      const one = inputs.nth(at);
      const name = await one.getAttribute("name");
      typed[name] = `Chữ có dấu "${at}" & <đ>`;
      await one.fill(typed[name]);
    }
    assert.ok(Object.keys(typed).length > 0, "the page asks for no text");
    if (script) await page.locator(".saved:has-text('Chưa lưu được')").waitFor();
    await phone.click("button:text('Lưu và tiếp tục')");
    await page.getByText("nội dung đã nhập còn nguyên").waitFor();
    // A wrong password loses nothing.
    await page.getByLabel("Thư điện tử").fill(CITIZEN.email);
    await page.getByLabel("Mật khẩu").fill("không phải mật khẩu");
    await phone.click("button:text('Đăng nhập')");
    await page.locator(".error-summary").waitFor();
    await signIn(phone);
    assert.equal(phone.path(), here);
    for (const [name, value] of Object.entries(typed)) {
      assert.equal(await page.locator(`[name="${name}"]`).inputValue(), value, name);
    }
  });
}
