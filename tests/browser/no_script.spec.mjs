// The longest form, filed by a browser that runs no script at all.
import { test } from "node:test";
import { Visitor, browser, example, file, track } from "./office.mjs";

test("a request is filed and followed without any script", { timeout: 600_000 }, async (t) => {
  const opened = await browser(t);
  const phone = await Visitor.at(opened, { script: false });
  const answers = example("enforcement_decision", "valid-late");
  const filed = await file(phone, "enforcement_decision", answers, {
    name: answers.applicant.full_name,
    email: "khong-script@example.vn",
  });
  await track(await Visitor.at(opened, { script: false }), filed);
});
