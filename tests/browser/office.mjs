// How people meet the office in a browser, and what every page they reach must hold: no axe
// violation, valid HTML, its weight, nothing loaded from elsewhere, no scrolling sideways, one
// language. Specs read like what somebody does.
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";
import { isFirst, note } from "./seen.mjs";

export const BASE = process.env.MOTCUA_BASE;
const PROCEDURES = join(dirname(fileURLToPath(import.meta.url)), "../../src/catalogue/procedures");
const PHONE = { width: 360, height: 640 };
const KB = 1024;
export const PASSWORD = "motcua-demo-2026";
const TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

// Rules about the taste of markup are left out; those about its validity are all on.
const markup = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    "attr-case": "off",
    "attribute-boolean-style": "off",
    "attribute-empty-style": "off",
    "doctype-style": "off",
    "element-case": "off",
    // Boxes and buttons of one question share its name.
    "form-dup-name": "off",
    "no-implicit-button-type": "off",
    "no-implicit-input-type": "off",
    "no-inline-style": "error",
    "no-trailing-whitespace": "off",
    "void-style": "off",
    // Its limit is of search engines.
    "long-title": "off",
    // Numbers of cases and amounts are no telephone numbers.
    "tel-non-breaking": "off",
    // SVG written by a library.
    "prefer-native-element": "off",
  },
});

/** A browser of its own for one spec. */
export async function browser(t) {
  const program = process.env.MOTCUA_CHROMIUM ?? "/usr/bin/chromium";
  const opened = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
  t.after(() => opened.close());
  return opened;
}

/** Somebody at a device: pages of one context, watched. */
export class Visitor {
  static async at(opened, { viewport = PHONE, script = true, dark = false, limit = 60 * KB, language = "vi" } = {}) {
    const context = await opened.newContext({
      viewport,
      locale: "vi-VN",
      javaScriptEnabled: script,
      colorScheme: dark ? "dark" : "light",
    });
    const visitor = new Visitor();
    Object.assign(visitor, { context, limit, language, script, dark, elsewhere: [], loaded: [], posted: [], broken: [] });
    // A route also keeps the browser's cache out: each page is weighed as at a first visit.
    await context.route("**/*", (route) => {
      const url = route.request().url();
      // What the browser shows a PDF with is its own.
      if (url.startsWith(BASE) || !url.startsWith("http")) return route.continue();
      visitor.elsewhere.push(url);
      return route.abort();
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("request", (request) => {
      const navigates = request.isNavigationRequest() && request.frame() === page.mainFrame();
      // A redirect is part of the same way to a page.
      if (navigates && !request.redirectedFrom()) visitor.loaded = [];
      visitor.loaded.push(request);
    });
    // Also forms the script sends.
    context.on("request", (request) => request.method() === "POST" && visitor.posted.push(request));
    page.on("pageerror", (error) => visitor.broken.push(error.message));
    page.on("console", (said) => {
      const wrong = said.type() === "error" && !/status of (4|5)\d\d/.test(said.text());
      if (wrong) visitor.broken.push(said.text());
    });
    visitor.page = page;
    return visitor;
  }

  path() {
    return new URL(this.page.url()).pathname;
  }

  async go(path) {
    await this.page.goto(path.startsWith("http") ? path : BASE + path);
    await this.check();
  }

  /** Follows a link or presses a button that leads to another page, and looks at that page. */
  async click(what) {
    await this.leave(() => this.page.locator(what).filter({ visible: true }).first().click());
  }

  async leave(act) {
    // What is waited for is the answer of the navigation, also when it comes back to the same address.
    const arrived = this.page.waitForEvent("domcontentloaded");
    await act();
    await arrived;
    await this.page.waitForLoadState("load");
    await this.check();
  }

  /** What every page must hold. */
  async check() {
    const { page } = this;
    // A run under way shows itself anew when it is done, whatever goes on: then it is looked at.
    if (this.script) await page.waitForFunction(() => !document.querySelector("#tien-do[data-poll]"));
    await page.waitForLoadState("load");
    // A browser drops keys that are pressed before it has painted the page.
    if (this.script) await page.waitForFunction(() => performance.getEntriesByType("paint").length > 0);
    const where = `${this.path()} (${await page.title()})`;
    assert.deepEqual(this.elsewhere, [], `${where}: asked another host`);
    assert.deepEqual(this.broken, [], `${where}: the script or the browser complained`);
    await this.weigh(where);
    await this.read(where);
    await this.note();

    const wide = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(wide[0] <= wide[1], `${where}: scrolls sideways, ${wide[0]} > ${wide[1]}`);
    assert.equal(await page.locator("h1").count(), 1, `${where}: one h1`);

    // A slow phone shows what others show; it is not judged there as well, slowly.
    if (this.slow || !isFirst(await this.shape())) return;
    await this.validate(where);
    const measured = await this.measured();
    await measured.evaluate(axe.source);
    // What stands in a frame is a paper somebody filed: not a page of ours.
    const found = await measured.evaluate((options) => window.axe.run(document, options), {
      iframes: false,
      resultTypes: ["violations"],
      rules: { "target-size": { enabled: true } },
    });
    const said = found.violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n    ${html}\n    ${failureSummary}`),
    );
    assert.deepEqual(said, [], `${where}: axe`);
    assert.deepEqual(await enlarged(measured), [], `${where}: text twice as large is cut off`);
  }

  /** What was answered on the way here; a page seen for the first time is read in English too. */
  async note() {
    for (const request of this.posted.splice(0)) {
      const status = await request.response().then((answer) => answer?.status(), () => undefined);
      if (status) note("POST", request.url(), status, this.language);
    }
    for (const request of this.navigations()) {
      const status = (await request.response())?.status();
      if (!status || !note(request.method(), request.url(), status, this.language)) continue;
      if (this.language !== "vi" || request.method() !== "GET" || status !== 200) continue;
      const cookies = await this.context.cookies(BASE);
      const held = cookies.filter(({ name }) => name !== "motcua-ngon-ngu").map(({ name, value }) => `${name}=${value}`);
      const cookie = [...held, "motcua-ngon-ngu=en"].join("; ");
      const answer = await ask("GET", request.url(), { Accept: "text/html", Cookie: cookie });
      const { text } = answer;
      assert.equal(answer.status, 200, `${request.url()} in English`);
      assert.match(text, /<html lang="en"/);
      await this.validate(`${request.url()} in English`, text);
      note("GET", request.url(), answer.status, "en");
    }
  }

  async validate(where, text) {
    const report = await markup.validateString(text ?? (await (await this.document()).text()));
    const wrong = report.results.flatMap(({ messages }) =>
      messages.map(({ ruleId, message, line, column }) => `${line}:${column} ${ruleId}: ${message}`),
    );
    assert.deepEqual(wrong, [], `${where}: markup`);
  }

  /** What axe and the validator judge: elements, attributes and whether there is text, without what the text says. */
  async shape() {
    const html = await this.page.evaluate(() => {
      const body = document.documentElement.cloneNode(true);
      const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) texts.currentNode.textContent = texts.currentNode.textContent.trim() ? "x" : "";
      return body.outerHTML;
    });
    const { width } = this.page.viewportSize();
    const bare = html.replaceAll(/ (value|content)="[^"]*"/g, "").replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "0");
    return createHash("sha256").update(`${width} ${this.dark} ${bare}`).digest("hex");
  }

  /** The page for axe, which needs script itself: without script, a twin of the same HTML. */
  async measured() {
    if (this.script) return this.page;
    const html = await (await this.document()).text();
    if (!this.twin) {
      const context = await this.context.browser().newContext({ viewport: this.page.viewportSize() });
      this.twin = await context.newPage();
    }
    const url = this.page.url().split("#")[0];
    const body = html.replaceAll(/<script .*?<\/script>/g, "");
    await this.twin.route(url, (route) => route.fulfill({ body, contentType: "text/html; charset=utf-8" }), { times: 1 });
    await this.twin.goto(url);
    return this.twin;
  }

  document() {
    return this.navigations().at(-1)?.response();
  }

  /** Requests for the page itself, not for what stands in a frame of it. */
  navigations() {
    return this.loaded.filter((one) => one.isNavigationRequest() && one.frame() === this.page.mainFrame());
  }

  async weigh(where) {
    let weight = 0;
    const parts = [];
    for (const request of this.loaded) {
      const response = await request.response();
      // Papers somebody filed weigh what they weigh.
      if (!response || response.status() >= 300 || /\/giay-to\/[0-9a-f-]+$/.test(new URL(request.url()).pathname)) continue;
      const { responseBodySize, responseHeadersSize } = await request.sizes();
      weight += responseBodySize + responseHeadersSize;
      parts.push(`${new URL(request.url()).pathname} ${responseBodySize}`);
    }
    const limit = /^\/ho-so\/[0-9a-f-]+$/.test(this.path()) ? 30 * KB : this.limit;
    assert.ok(weight <= limit, `${where}: ${weight} bytes, more than ${limit}: ${parts.join(", ")}`);
  }

  /** No words of the other language, in text and in what assistive technology reads. */
  async read(where) {
    const lang = await this.page.locator("html").getAttribute("lang");
    assert.equal(lang, this.language, `${where}: language`);
    if (lang !== "vi") return;
    const text = await this.page.evaluate(() => {
      const said = [document.title];
      const walk = (element) => {
        if (["SCRIPT", "STYLE", "CODE"].includes(element.tagName) || (element.lang && element.lang !== "vi")) return;
        for (const name of ["aria-label", "alt", "title", "placeholder"]) said.push(element.getAttribute(name) ?? "");
        for (const node of element.childNodes) {
          if (node.nodeType === Node.TEXT_NODE) said.push(node.textContent);
          else if (node.nodeType === Node.ELEMENT_NODE) walk(node);
        }
      };
      walk(document.body);
      return said.join("\n");
    });
    const english =
      /\b(the|and|your|you|of|is|are|this|that|with|please|optional|required|needed|invalid|wrong|error|save|saved|continue|back|submit|send|file|filed|dossier|page|missing|request|officer|agency|result|received|draft|paper|papers|sign|track|none|null|undefined|true|false)\b/i;
    // Names to be filled in are code.
    const strange = text.replace(/{{\w+}}/g, "").split("\n").filter((line) => english.test(line));
    assert.deepEqual(strange, [], `${where}: words of another language`);
  }
}

/** What is lost when all text is twice as large: cut off, or only to be reached by scrolling sideways. */
const enlarged = (page) =>
  page.evaluate(() => {
    const root = document.documentElement;
    root.style.fontSize = "200%";
    // What is typed scrolls inside its box.
    const lost = [...document.body.querySelectorAll(":not(input,textarea,select)")].filter((one) => {
      const { overflowX, overflowY, clipPath } = getComputedStyle(one);
      const wide = /hidden|clip/.test(overflowX) && one.scrollWidth > one.clientWidth + 1;
      const high = /hidden|clip/.test(overflowY) && one.scrollHeight > one.clientHeight + 1;
      return clipPath === "none" && (wide || high);
    });
    const said = lost.map((one) => one.outerHTML.slice(0, 200));
    if (root.scrollWidth > root.clientWidth) {
      const out = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1);
      said.push(`sideways: ${root.scrollWidth} > ${root.clientWidth}`, ...out.slice(-2).map((one) => one.outerHTML.slice(0, 200)));
    }
    root.style.fontSize = "";
    return said;
  });

/** The first valid example of a procedure, or the one named. */
export function example(procedure, name = "valid-") {
  const versions = readdirSync(join(PROCEDURES, procedure)).filter((one) => /^\d{4}/.test(one)).sort();
  const folder = join(PROCEDURES, procedure, versions.at(-1), "examples");
  const file = readdirSync(folder).sort().find((one) => one.startsWith(name));
  return JSON.parse(readFileSync(join(folder, file), "utf8"));
}

export const at = (answers, pointer) =>
  pointer.split("/").slice(1).reduce((value, key) => value?.[key], answers);

/** As people type it: days as dd/mm/yyyy. */
export const typed = (value) =>
  /^\d{4}-\d\d-\d\d$/.test(value) ? value.split("-").reverse().join("/") : String(value);

const FORM = "main form[data-autosave]";

/** Fills the page of the form that is open, entries of lists too. */
export async function fillPage(visitor, answers) {
  const { page } = visitor;
  const fill = async () => {
    const names = await page
      .locator(`${FORM} :is(input,textarea)[name^="/"]`)
      .evaluateAll((all) => all.map(({ name, type, value }) => ({ name, type, value })));
    for (const { name, type, value } of names) {
      const wanted = at(answers, name);
      if (wanted === undefined) continue;
      const one = page.locator(`${FORM} [name="${name}"]`);
      if (type === "radio" || type === "checkbox") {
        const on = Array.isArray(wanted) ? wanted.includes(value) : String(wanted) === value;
        const choice = one.and(page.locator(`[value="${value}"]`));
        if (on && (await choice.isVisible())) await choice.check();
      } else if (await one.isVisible()) {
        await one.fill(typed(wanted));
      }
    }
  };
  for (;;) {
    await fill();
    const lists = await page.locator('button[name="_add"]').evaluateAll((all) => all.map(({ value }) => value));
    let added = false;
    for (const list of lists) {
      const have = await page.locator(`button[name="_remove"][value^="${list}/"]`).count();
      if (have >= (at(answers, list) ?? []).length) continue;
      await visitor.click(`button[name="_add"][value="${list}"]`);
      added = true;
      break;
    }
    if (!added) return;
  }
}

export const pdf = (name, said = name) => ({
  name,
  mimeType: "application/pdf",
  buffer: Buffer.from(`%PDF-1.4\n%${said}\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n`),
});

const QUESTIONS = JSON.parse(readFileSync(join(PROCEDURES, "../../web/pages/eligibility.json"), "utf8"));

/** The questions before filing, with the answers that lead on. */
export const questions = (procedure) =>
  QUESTIONS.find((asked) => asked.procedure === procedure && !asked.until).questions.map(({ key, leads_out }) => ({
    key,
    on: leads_out === "yes" ? "no" : "yes",
    out: leads_out,
  }));

/** Answers them so that the page follows where the draft begins. */
export async function mayFile(visitor, procedure) {
  for (const { key, on } of questions(procedure)) await visitor.page.locator(`#${key}-${on}`).check();
  await visitor.click("main form button");
}

/** From the first page of the site to the first page of the form. */
export async function begin(visitor, procedure, contact) {
  const { page } = visitor;
  await visitor.go("/");
  await visitor.click(`a[href="/thu-tuc/${procedure}"]`);
  await visitor.click(`a[href="/nop-ho-so/${procedure}"]`);
  await mayFile(visitor, procedure);
  await page.getByLabel("Thành phố Hồ Chí Minh").first().check();
  await page.getByLabel("Họ và tên người nộp").fill(contact.name);
  await page.getByLabel("Thư điện tử").fill(contact.email);
  await visitor.click("button:text('Bắt đầu khai')");
}

/** All pages of the form; the papers come after. */
export async function fillForm(visitor, answers) {
  const { page } = visitor;
  const id = visitor.path().split("/")[2];
  for (let pages = 0; visitor.path().includes("/khai/"); pages += 1) {
    assert.ok(pages < 30, "the form does not come to an end");
    const here = visitor.path();
    await fillPage(visitor, answers);
    await visitor.click("button:text('Lưu và tiếp tục')");
    const mistakes = await page.locator(".error-summary li").allInnerTexts();
    assert.deepEqual(mistakes, [], `${here}: a valid example is refused`);
  }
  assert.equal(visitor.path(), `/ho-so/${id}/giay-to`);
  return id;
}

/** From the papers to the confirmation; returns what it says. */
export async function finish(visitor, id) {
  const { page } = visitor;
  const needed = page.locator("section.panel").filter({ has: page.locator("h2 .tag.warn") });
  const send = (card) =>
    visitor.leave(async () => {
      await card.locator("input[type=file]").setInputFiles([pdf("bản án.pdf"), pdf("trang 2.pdf")]);
      await card.locator("button:text('Gửi tệp')").click();
    });
  // Each paper that is needed; where none is, one of the applicant's own accord.
  if ((await needed.count()) === 0) await send(page.locator("section.panel").last());
  while (await needed.count()) await send(needed.first());
  await page.getByRole("link", { name: "bản án.pdf" }).first().waitFor();
  await visitor.click("a:text('Tiếp tục')");
  assert.equal(visitor.path(), `/ho-so/${id}/kiem-tra`);
  assert.deepEqual(await page.locator(".error-summary li").allInnerTexts(), []);
  await visitor.click("button:text-is('Nộp hồ sơ')");
  assert.equal(visitor.path(), `/ho-so/${id}/da-nop`);
  const codes = await page.locator(".code").allInnerTexts();
  assert.equal(codes.length, 2, "code and key");
  assert.ok(await page.getByRole("img", { name: "Mã QR" }).isVisible());
  return { id, code: codes[0], key: codes[1] };
}

export async function file(visitor, procedure, answers, contact) {
  await begin(visitor, procedure, contact);
  return finish(visitor, await fillForm(visitor, answers));
}

/** Code and key in a browser that knows nothing. */
export async function track(visitor, { id, code, key }) {
  await visitor.go("/tra-cuu");
  await visitor.page.getByLabel("Mã hồ sơ").fill(code.toLowerCase());
  await visitor.page.getByLabel("Mã bí mật").fill(key.toLowerCase());
  await visitor.click("button:text('Xem hồ sơ')");
  assert.equal(visitor.path(), `/ho-so/${id}`);
}

/** One question over a connection of its own: one that is kept may be closed by the other side while it is asked. */
export const ask = (method, url, headers, body) =>
  new Promise((answered, failed) => {
    const asked = request(url, { method, headers, agent: false }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => answered({ status: answer.statusCode, text: Buffer.concat(parts).toString("utf8") }));
      answer.on("error", failed);
    });
    asked.on("error", failed);
    asked.end(body);
  });

/** The API as a program calls it. */
export async function api(method, path, { body, token, key, version, once } = {}) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers["Tracking-Key"] = key;
  if (once) headers["Idempotency-Key"] = once;
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  const answer = await ask(method, `${BASE}/api/v1${path}`, headers, body && JSON.stringify(body));
  const said = JSON.parse(answer.text);
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(said)}`);
  return said;
}

/** The six digits of this moment, as a code generator shows them; without a secret, the demonstration staff's. */
export function code(moment = Date.now(), shared = TOTP) {
  const bits = [...shared].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(moment / 30_000)));
  const hash = createHmac("sha1", secret).update(step).digest();
  const from = hash[19] & 15;
  return String((hash.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A session of one of the demonstration staff. */
export async function signIn(name) {
  const body = { user_name: name, password: PASSWORD, code: code() };
  return (await api("POST", "/staff-sessions", { body })).token;
}

/** Mails to an address that say something, decoded; waits until one is there. */
export async function mailTo(address, says) {
  for (const until = Date.now() + 20_000; ; ) {
    const folder = process.env.MOTCUA_MAIL;
    const all = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".eml")) : [];
    const mails = all.map((name) => decode(readFileSync(join(folder, name), "utf8")));
    const found = mails.filter((mail) => mail.to.includes(address) && mail.text.includes(says));
    if (found.length) return found;
    assert.ok(Date.now() < until, `no mail to ${address} says ${says}; there are ${all.length}`);
    await new Promise((later) => setTimeout(later, 50));
  }
}

function decode(raw) {
  const [head, ...rest] = raw.replaceAll("\r\n", "\n").split("\n\n");
  const headers = head.replaceAll(/\n[ \t]+/g, " ");
  const to = /^To: (.*)$/im.exec(headers)?.[1] ?? "";
  const whole = rest.join("\n\n");
  const texts = [whole, ...whole.split(/^--\S+$/m)].map((part) => {
    const [partHead, ...partBody] = part.replace(/^\n/, "").split("\n\n");
    const encoding = /transfer-encoding: *(\S+)/i.exec(part === whole ? headers : partHead)?.[1]?.toLowerCase();
    const content = part === whole ? whole : partBody.join("\n\n");
    if (encoding === "base64") return Buffer.from(content, "base64").toString("utf8");
    if (encoding !== "quoted-printable") return content;
    const bytes = content.replaceAll(/=\n/g, "").replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Buffer.from(bytes, "latin1").toString("utf8");
  });
  return { to, text: texts.join("\n") };
}
