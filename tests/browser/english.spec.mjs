// The citizen's side in English: no Vietnamese is left but names that are Vietnamese by nature, which
// say so by `lang="vi"`. The Vietnamese pages are read for English words at every step of the others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BASE, Visitor, api, browser, example } from "./office.mjs";

const MARKS = /[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]/i;

/** Words with tone marks outside of what is marked as Vietnamese. Money is counted in đồng, and what
 * stands as an example of an answer is as people here write it. */
async function vietnamese(visitor) {
  const text = await visitor.page.evaluate(() => {
    const said = [document.title];
    const walk = (element) => {
      if (["SCRIPT", "STYLE", "CODE"].includes(element.tagName) || element.lang === "vi") return;
      for (const name of ["aria-label", "alt", "title", "placeholder"]) said.push(element.getAttribute(name) ?? "");
      for (const node of element.childNodes) {
        if (node.nodeType === Node.TEXT_NODE) said.push(node.textContent);
        else if (node.nodeType === Node.ELEMENT_NODE) walk(node);
      }
    };
    walk(document.body);
    return said.join("\n");
  });
  return text.split("\n").map((line) => line.replaceAll(/\d[\d.]*\sđ|đồng|NĐ-CP|QĐ-BTP|\bpoint đ|\bexample:? .*/gi, "").trim()).filter((line) => MARKS.test(line));
}

test("in English, no Vietnamese is left", { timeout: 300_000 }, async (t) => {
  const reader = await Visitor.at(await browser(t), { language: "en", viewport: { width: 1280, height: 800 } });
  const { page, context } = reader;
  const found = [];
  const look = async () => {
    for (const line of await vietnamese(reader)) found.push(`${reader.path()}: ${line}`);
  };
  const go = async (path) => {
    await reader.go(path);
    await look();
  };
  const click = async (what) => {
    await reader.click(what);
    await look();
  };
  await page.goto(`${BASE}/ngon-ngu/en?ve=/`);
  await go("/");
  const procedures = await page.locator("a[href^='/thu-tuc/']").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  assert.equal(new Set(procedures).size, 5);
  for (const one of new Set(procedures)) {
    await go(one);
    await go(`${one}/mau`);
  }
  for (const path of ["/tra-cuu", "/tinh-trang", "/cong-cu/han", "/cong-cu/phi", "/cong-cu/thoi-hieu", "/khong-co-trang-nay"]) await go(path);
  for (const path of ["dang-nhap", "dang-ky", "xac-nhan", "quen-mat-khau", "dat-lai-mat-khau"]) await go(`/tai-khoan/${path}`);

  // Filing, with mistakes; what is left of the form is asked in the pages after.
  await go("/nop-ho-so/enforcement_decision");
  await click("main form button:text('Continue')");
  await page.locator("#nguoi-no").check();
  await click("main form button:text('Continue')");
  await click("main a:text('File all the same')");
  await click("main form button:text('Begin')");
  await page.locator("input[name=agency]").first().check();
  await page.locator("input[name=name]").fill("Nguyen Thi Thu Ha");
  await page.locator("input[name=email]").fill("ha@example.vn");
  await click("main form button:text('Begin')");
  const first = reader.path();
  const id = first.split("/")[2];
  await click("button:text('Save and continue')");
  await go(`/ho-so/${id}/giay-to`);
  await go(`/ho-so/${id}/kiem-tra`);
  await go(`/ho-so/${id}/de-sau`);

  // A filed dossier, from its account.
  const citizen = { email: "thuha@example.vn", password: "motcua-demo-2026" };
  const { token } = await api("POST", "/sessions", { body: citizen });
  const agencies = await api("GET", "/agencies");
  const body = {
    procedure: "enforcement_decision",
    agency: agencies.find(({ until }) => !until).id,
    language: "en",
    contact: { name: "Nguyễn Thị Thu Hà", email: citizen.email },
    answers: example("enforcement_decision"),
    submit: true,
  };
  const filed = await api("POST", "/dossiers", { body, token, once: crypto.randomUUID() });
  await go("/tai-khoan/dang-nhap");
  await page.getByLabel("E-mail").fill(citizen.email);
  await page.getByLabel("Password").fill(citizen.password);
  await click("main form button:text('Sign in')");
  const dossiers = await page
    .locator("main h2 a[href^='/ho-so/']")
    .evaluateAll((all) => all.map((one) => one.getAttribute("href")).filter((at) => !at.endsWith("/de-sau")));
  assert.ok(dossiers.length > 0, "no filed dossier in the account");
  for (const one of dossiers.slice(0, 3)) {
    await go(one);
    await go(`${one}/ai-da-xem`);
    await go(`${one}/rut`);
  }
  assert.equal(found.join("\n"), "", "Vietnamese on an English page");
  await context.close();
});
