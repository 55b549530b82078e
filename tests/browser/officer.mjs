// An officer at a desk: signed in through the page, doing acts through their forms.
import assert from "node:assert/strict";
import { BASE, PASSWORD, Visitor, code } from "./office.mjs";

const DESK = { viewport: { width: 1280, height: 800 }, limit: 250 * 1024 };

/** Signed in with password and the code of the moment, which works once for each person. */
export async function officer(opened, name, at = DESK, known = {}) {
  const person = await Visitor.at(opened, at);
  await person.go("/desk");
  assert.equal(person.path(), "/desk/dang-nhap");
  await signIn(person, name, known);
  assert.equal(person.path(), "/desk");
  return person;
}

export async function signIn(person, name, { password = PASSWORD, secret } = {}) {
  await person.page.locator("#user_name").fill(name);
  await person.page.locator("#password").fill(password);
  await person.page.locator("#code").fill(code(Date.now(), secret));
  await person.click("main button:text('Đăng nhập')");
}

/** From the queue to a dossier, found by its code. */
export async function find(person, filed) {
  await person.go(`/desk?xem=tat-ca&tim=${encodeURIComponent(filed.code)}`);
  await person.click(`a[data-row][href="/desk/ho-so/${filed.id}"]`);
}

/** The form of an act on the page of a dossier, its panel open. */
export async function open(person, form) {
  const one = person.page.locator(`form[id="${form}"]`);
  const panel = person.page.locator("details.panel").filter({ has: one });
  assert.equal(await panel.count(), 1, `${form}: not open to this person at ${person.path()}`);
  if (!(await panel.evaluate((element) => element.open))) await panel.locator("> summary").click();
  return one;
}

/** Fills the form of an act: texts are typed, choices picked by value, several by a list. */
export async function fill(person, form, said = {}) {
  const one = await open(person, form);
  for (const [name, value] of Object.entries(said)) {
    const fields = one.locator(`[name="${name.includes(":") ? name : `/${form}/${name}`}"]`);
    const type = await fields.first().evaluate((field) => field.type);
    if (type === "radio" || type === "checkbox") {
      for (const each of [value].flat()) await fields.and(person.page.locator(`[value="${each}"]`)).check();
    } else if (type === "select-one") {
      const group = fields.locator("xpath=ancestor::details[1]");
      if (!(await group.evaluate((element) => element.open))) await group.locator("> summary").click();
      await fields.selectOption(value);
    } else {
      await fields.fill(String(value));
    }
  }
  return one;
}

/** Does an act through its form; the page says it is recorded. */
export async function act(person, filed, form, said = {}) {
  const page = `/desk/ho-so/${filed.id}`;
  if (person.path() !== page) await person.go(page);
  const one = await fill(person, form, said);
  await person.leave(() => one.locator("button:not([name])").click());
  const trouble = await person.page.locator(".error-summary").allInnerTexts();
  assert.deepEqual(trouble, [], `${form}: not recorded`);
  assert.match(await person.page.locator("p.good[role=status]").innerText(), /Đã ghi/);
}

/** What the program keeps of a dossier, as this person may read it. */
export async function read(person, filed) {
  const answer = await person.context.request.get(`${BASE}/api/v1/dossiers/${filed.id}`);
  assert.ok(answer.ok(), `${answer.status()}`);
  return answer.json();
}
