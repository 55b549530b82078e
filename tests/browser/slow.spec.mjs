// An old phone on a poor network: slow to draw, slow to load, now and then without any connection.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor, begin, browser, example, fillForm, finish, track } from "./office.mjs";

/** Some 400 kbit/s with long ways, and a processor a sixth as fast. What it answers takes the connection away
 * and gives it back. */
async function slow(visitor) {
  const { context, page } = visitor;
  visitor.slow = true;
  const inside = await context.newCDPSession(page);
  const network = (offline) =>
    inside.send("Network.emulateNetworkConditions", { offline, latency: 400, downloadThroughput: 50_000, uploadThroughput: 25_000 });
  await inside.send("Network.enable");
  await network(false);
  await inside.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  return network;
}

test("a request is filed and followed on a slow phone whose connection comes and goes", { timeout: 600_000 }, async (t) => {
  const opened = await browser(t);
  const phone = await Visitor.at(opened);
  const network = await slow(phone);
  const { page } = phone;
  const answers = example("result_confirmation", "valid-debtor");
  await begin(phone, "result_confirmation", { name: answers.applicant.full_name, email: "may-cu@example.vn" });
  const name = page.locator("[name='/applicant/full_name']");

  await network(true);
  await name.fill("Đang gõ thì mất mạng");
  await page.locator(".saved:has-text('mất kết nối')").waitFor();
  // The way back is noticed with the next key, and what was typed meanwhile is saved with it.
  phone.broken.length = 0;
  await network(false);
  await name.fill("Gõ tiếp khi có mạng");
  await page.locator(".saved:has-text('Đã lưu lúc')").waitFor();
  await phone.go(phone.path());
  assert.equal(await name.inputValue(), "Gõ tiếp khi có mạng");

  const filed = await finish(phone, await fillForm(phone, answers));
  const another = await Visitor.at(opened);
  await slow(another);
  await track(another, filed);
});
