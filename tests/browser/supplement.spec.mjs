// The agency asks once for a field and a paper; the applicant answers each through its link on the
// tracking page, and mail says what is going on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor, api, browser, example, file, mailTo, pdf, signIn, track } from "./office.mjs";

test("what the agency asks for is supplied item by item", { timeout: 600_000 }, async (t) => {
  const opened = await browser(t);
  const answers = example("result_confirmation", "valid-debtor");
  const email = "bo-sung@example.vn";
  const filed = await file(await Visitor.at(opened), "result_confirmation", answers, {
    name: answers.applicant.full_name,
    email,
  });

  const token = await signIn("hcm.motcua2");
  const { version } = await api("GET", `/dossiers/${filed.id}`, { token });
  const definition = await api("GET", "/procedures/result_confirmation", {});
  const { requirements } = definition.definition ?? definition;
  await api("POST", `/dossiers/${filed.id}/supplement-requests`, {
    token,
    version,
    body: {
      items: [
        { requirement: requirements[0].key, reason: "missing_paper", note: "Nộp bản có chứng thực." },
        { field: "/applicant/phone", reason: "incomplete_field", note: "Số điện thoại không liên lạc được." },
      ],
    },
  });
  await mailTo(email, "bổ sung");

  const phone = await Visitor.at(opened, { script: false });
  const { page } = phone;
  await track(phone, filed);
  const wanted = page.locator("section[aria-labelledby=can-lam] a");
  assert.equal(await wanted.count(), 2);

  await phone.click("section[aria-labelledby=can-lam] li:nth-child(2) a");
  assert.match(await page.locator("main").innerText(), /không liên lạc được/);
  await page.locator("main form input[name='/applicant/phone']").fill("abc");
  await phone.click("button:text('Gửi bổ sung')");
  assert.equal(await page.locator(".error-summary li").count(), 1);
  assert.equal(await page.locator("input[name='/applicant/phone']").inputValue(), "abc");
  await page.locator("input[name='/applicant/phone']").fill("0912 345 678");
  await phone.click("button:text('Gửi bổ sung')");
  assert.equal(phone.path(), `/ho-so/${filed.id}`);
  assert.equal(await wanted.count(), 1);

  await phone.click("section[aria-labelledby=can-lam] a");
  assert.match(await page.locator("main").innerText(), /có chứng thực/);
  await page.locator("input[type=file]").setInputFiles([pdf("bản chứng thực.pdf")]);
  await phone.click("button:text('Gửi bổ sung')");
  assert.equal(phone.path(), `/ho-so/${filed.id}`);
  assert.equal(await page.locator("section[aria-labelledby=can-lam]").count(), 0);
  assert.match(await page.locator("main").innerText(), /bản chứng thực\.pdf/);
  const kept = await api("GET", `/dossiers/${filed.id}`, { token });
  assert.equal(kept.answers.applicant.phone, "0912345678");
});
