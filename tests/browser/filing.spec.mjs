// Every procedure on a phone, from the first page to the confirmation; then followed from another
// device by code and key. What was typed is what the agency gets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor, api, browser, example, file, mailTo, track } from "./office.mjs";

const FILED = [
  ["enforcement_decision", "valid-company"],
  ["result_confirmation", "valid-period"],
  ["officer_replacement", "valid-representative"],
  ["coercion_cost_relief", "valid-long-ill"],
  ["enforcement_fee_relief", "valid-verified-assets"],
];

for (const [nth, [procedure, name]] of FILED.entries()) {
  test(`${procedure} is filed on a phone and followed on another`, { timeout: 120_000 }, async (t) => {
    const opened = await browser(t);
    const answers = example(procedure, name);
    const contact = { name: answers.applicant.full_name, email: `nguoi-nop-${nth}@example.vn` };
    const phone = await Visitor.at(opened, { dark: nth === 1 });
    const filed = await file(phone, procedure, answers, contact);

    const another = await Visitor.at(opened);
    await track(another, filed);
    assert.match(await another.page.locator("main").innerText(), /bản án\.pdf/);
    const kept = await api("GET", `/dossiers/${filed.id}`, { key: filed.key });
    // Ticked boxes come in the order of the page.
    kept.answers.grounds?.sort();
    answers.grounds?.sort();
    assert.deepEqual(kept.answers, { ...answers, applicant: { email: contact.email, ...answers.applicant } });
    assert.ok((await mailTo(contact.email, filed.code)).length > 0);
  });
}
