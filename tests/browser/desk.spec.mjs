// The officers' other acts, each through its form; two officers at one dossier; a session that ends
// in the middle of a form; lists, taking the next one, and codes for a lost generator.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, Visitor, api, browser, example, mailTo, pdf, track } from "./office.mjs";
import { act, fill, find, officer, open, read } from "./officer.mjs";
import { scan } from "./reader.mjs";

let opened, counter, leader, agency;
before(async () => {
  opened = await browser({ after: () => {} });
  const agencies = await api("GET", "/agencies", {});
  agency = agencies.find(({ name }) => name.vi.includes("Đồng Nai")).id;
  counter = await officer(opened, "dn.motcua");
  leader = await officer(opened, "dn.truong");
});
after(() => opened.close());

/** Filed as a program files it; the forms of citizens are walked elsewhere. */
async function filed(procedure, name, change = () => {}) {
  const answers = example(procedure, name);
  change(answers);
  const email = `${procedure}-${Math.random().toString(36).slice(2)}@example.vn`;
  const body = { procedure, agency, contact: { name: answers.applicant.full_name, email }, answers, submit: true };
  const view = await api("POST", "/dossiers", { body, once: crypto.randomUUID() });
  return { id: view.id, code: view.reference, key: view.tracking_key, email };
}

const main = (person) => person.page.locator("main").innerText();

test("a request is supplied at the counter, examined with another unit's word, put off, paid for and refused by decision", { timeout: 600_000 }, async () => {
  const one = await filed("result_confirmation", "valid-debtor", (answers) => {
    answers.matter.decision_number = "61/QĐ-THADS";
  });
  await find(counter, one);
  await act(counter, one, "add_note", { text: "Người nộp có gọi điện hỏi." });
  await act(counter, one, "request_supplement", {
    "why:field:/applicant/phone": "incomplete_field",
    "note:field:/applicant/phone": "Số điện thoại không liên lạc được.",
  });
  assert.match(await main(counter), /không liên lạc được/);
  await mailTo(one.email, "không liên lạc được");

  await counter.click("main a:text('nhận tại quầy')");
  await counter.page.locator("input[name='/applicant/phone']").fill("0912 345 678");
  await counter.click("button:text('Gửi bổ sung')");
  await find(counter, one);
  // Its papers came in an envelope: a slip of the pen is named at its row, what was ticked stays.
  const brought = { "_handed:request": "1", "_handed-form:request": "plain_copy", "_handed-quantity:request": "0" };
  const form = await fill(counter, "receive", brought);
  await counter.leave(() => form.locator("button:not([name])").click());
  assert.match(await counter.page.locator(".error-summary").innerText(), /Ghi một số từ 1 đến 99/);
  const right = await fill(counter, "receive", { "_handed-quantity:request": "2" });
  await counter.leave(() => right.locator("button:not([name])").click());
  assert.match(await main(counter), /Đã nhận bằng giấy:[^]*Bản sao, số lượng: 2/);
  one.code = (await read(counter, one)).code;
  await act(counter, one, "complete_step");
  // Too soon: taken back with one click, then done after all.
  await counter.click("p.good button:text('Hoàn tác')");
  assert.match(await counter.page.locator("p.good[role=status]").innerText(), /Đã ghi: Hoàn tác việc vừa làm/);
  assert.match(await main(counter), /Rút lại bước vừa làm/);
  await act(counter, one, "complete_step");

  await find(leader, one);
  const choice = (await open(leader, "assign")).locator("[name='/assign/officer']");
  const labels = await choice.evaluateAll((all) => all.map(({ labels }) => labels[0].textContent));
  assert.ok(labels.some((label) => /đề xuất/.test(label)), labels.join("; "));
  await act(leader, one, "assign", { officer: await choice.first().getAttribute("value") });
  const { assignee } = (await read(leader, one)).internal;
  const examiner = await officer(opened, labels[0].includes("Trịnh Công Danh") ? "dn.chv1" : "dn.chv2");
  assert.equal((await read(examiner, one)).internal.assignee.account, assignee.account);

  await find(examiner, one);
  const units = await (await open(examiner, "request_opinion")).locator("[name='/request_opinion/unit']").all();
  const clerks = await examiner.page.getByLabel(/Văn thư|Văn phòng/).first().getAttribute("value");
  assert.ok(units.length > 1);
  await act(examiner, one, "request_opinion", { unit: clerks, question: "Hồ sơ lưu còn bản gốc không?", due_on: workingDay(1) });
  const clerk = await officer(opened, "dn.vanthu");
  await clerk.go(`/desk/ho-so/${one.id}`);
  const answer = await clerk.page.locator("form[id^='answer_opinion-']").getAttribute("id");
  await act(clerk, one, answer, { answer: "Còn bản gốc." });
  await examiner.go(`/desk/ho-so/${one.id}`);
  assert.match(await main(examiner), /Còn bản gốc/);

  await act(examiner, one, "request_payment", { amount: "150.000", reason: "Chi phí thông báo" });
  await mailTo(one.email, "150.000");
  await counter.go(`/desk/ho-so/${one.id}`);
  await act(counter, one, "confirm_payment");

  await find(leader, one);
  const day = (await open(leader, "extend")).locator("[name='/extend/new_due_on']");
  assert.match(await day.inputValue(), /^\d\d\/\d\d\/\d{4}$/, "a day is suggested");
  await act(leader, one, "extend", { reason: "complex_matter" });
  await mailTo(one.email, "xin lỗi");

  await examiner.go(`/desk/ho-so/${one.id}`);
  const reasons = (await open(examiner, "draft-refusal")).locator("[name='/draft-refusal/reasons']");
  await act(examiner, one, "draft-refusal", { reasons: await reasons.last().getAttribute("value"), explanation: "Không đủ điều kiện theo quy định." });
  await act(examiner, one, "propose");
  await find(leader, one);
  await act(leader, one, "send_back", { to: "examine", reason: "Nêu rõ căn cứ." });
  await find(examiner, one);
  assert.match(await main(examiner), /Nêu rõ căn cứ/);
  await act(examiner, one, "propose");
  await find(leader, one);
  await act(leader, one, "sign");
  await find(clerk, one);
  await act(clerk, one, "number");
  await act(clerk, one, "hand_over");
  await find(counter, one);
  await act(counter, one, "return", { way: "post", to: "Theo địa chỉ đã khai" });
  const applicant = await api("GET", `/dossiers/${one.id}`, { key: one.key });
  assert.equal(applicant.result.ruling.outcome, "refusal");
  assert.match(JSON.stringify(applicant.result), /Không đủ điều kiện theo quy định/);
});

test("a request ends at once: refused, withdrawn, stopped; its matter is linked", { timeout: 600_000 }, async () => {
  const ends = {
    refuse: [counter, { reason: "not_competent", advice: "Cơ quan thi hành án dân sự nơi có tài sản" }, "refused"],
    withdraw: [counter, { reason: "Hai bên đã thỏa thuận." }, "withdrawn"],
    stop: [leader, { reason: "applicant_requested" }, "stopped"],
  };
  for (const [form, [person, said, state]] of Object.entries(ends)) {
    const one = await filed("officer_replacement", "valid-delay", (answers) => {
      answers.matter.decision_number = "9999/QĐ-THADS";
    });
    if (form === "stop") {
      await find(counter, one);
      await act(counter, one, "receive");
      one.code = (await read(counter, one)).code;
    }
    await find(person, one);
    if (form === "stop") {
      await person.page.locator("details.panel").filter({ has: person.page.locator("#so") }).locator("> summary").click();
      await person.page.locator("#so").fill("61/QĐ-THADS");
      await person.click("form:has(#so) button");
      await act(person, one, "link_matter");
      assert.ok((await read(person, one)).matter);
    }
    await act(person, one, form, said);
    const after = await api("GET", `/dossiers/${one.id}`, { key: one.key });
    assert.equal(after.state.name, state);
  }
});

test("two officers at one dossier: who is slower reads who did what, and keeps the text", { timeout: 600_000 }, async () => {
  const one = await filed("result_confirmation", "valid-relative");
  await find(leader, one);
  await find(counter, one);
  await act(counter, one, "receive");
  const note = "Đã nói chuyện với người nộp.\nCần hỏi lại phòng nghiệp vụ.";
  const form = await fill(leader, "add_note", { text: note });
  await leader.leave(() => form.locator("button:not([name])").click());
  const told = await leader.page.locator(".error-summary").innerText();
  assert.match(told, /hồ sơ đã thay đổi: .*Phan Thị Hồng Nhung/);
  assert.equal(await (await open(leader, "add_note")).locator("textarea").inputValue(), note);
  await leader.leave(() => leader.page.locator("form[id=add_note] button:not([name])").click());
  assert.match(await main(leader), /Cần hỏi lại phòng nghiệp vụ/);
});

test("a session that ends in the middle of a form is taken up again with all that was typed", { timeout: 600_000 }, async () => {
  const one = await filed("result_confirmation", "valid-relative");
  const person = await officer(opened, "dn.pho");
  await person.go("/desk/tai-khoan");
  await person.click("button:text('Tạo mã dự phòng')");
  const codes = await person.page.locator(".codes .code").allInnerTexts();
  assert.equal(codes.length, 10);
  await find(person, one);
  const note = "Dòng một\nDòng \"hai\" <ba>";
  const form = await fill(person, "add_note", { text: note });
  await person.context.clearCookies({ name: "motcua" });
  await person.leave(() => form.locator("button:not([name])").click());
  assert.match(await main(person), /Phiên làm việc đã hết/);
  // The code generator is lost: a recovery code stands in, once.
  const enter = async (code) => {
    await person.page.locator("#user_name").fill("dn.pho");
    await person.page.locator("#password").fill("motcua-demo-2026");
    await person.page.locator("#code").fill(code);
    await person.click("main button:text('Đăng nhập')");
  };
  await enter(codes[0].toLowerCase());
  assert.match(await main(person), /còn nguyên/);
  await person.click("main form button:not(.plain)");
  assert.match(await main(person), /Dòng "hai" <ba>/);
  await person.page.locator(".menu summary").click();
  await person.click("button:text('Đăng xuất')");
  await enter(codes[0]);
  assert.equal(await person.page.locator(".error-summary").count(), 1, "a code works once");
  await enter(codes[1]);
  await person.go("/desk/tai-khoan");
  assert.match(await main(person), /Số mã còn dùng được: 8/);
  const ends = Number(await person.page.locator("#phien").getAttribute("data-ends"));
  assert.ok(!(await person.page.locator("#phien").isVisible()));
  await person.context.addCookies([{ name: "motcua-phien-den", value: `${Math.floor(Date.now() / 1000) + 200}`, url: BASE, httpOnly: true }]);
  await person.page.reload();
  await person.check();
  assert.match(await person.page.locator("#phien").innerText(), /còn số phút: 3/);
  assert.ok(ends * 1000 > Date.now());
});

test("the list: taking the next one, what was sent on, filters that are kept", { timeout: 600_000 }, async () => {
  const ones = [await filed("enforcement_fee_relief", "valid-merit"), await filed("enforcement_fee_relief", "valid-merit")];
  await counter.go("/desk");
  await counter.page.locator("#thu-tuc").selectOption("enforcement_fee_relief");
  await counter.click("button:text('Lọc')");
  await counter.click("button:text('Nhận việc gấp nhất')");
  const taken = counter.path();
  assert.ok(ones.some(({ id }) => taken.endsWith(id)), taken);
  // The leader asks for the next one of the same kind and gets the other.
  await leader.go("/desk?xem=tat-ca&thu-tuc=enforcement_fee_relief");
  assert.match(await main(leader), /đang làm: Phan Thị Hồng Nhung/);
  await leader.click("button:text('Nhận việc gấp nhất')");
  const other = leader.path();
  assert.notEqual(other, taken);
  assert.ok(ones.some(({ id }) => other.endsWith(id)), other);
  await leader.go("/desk?xem=tat-ca&thu-tuc=enforcement_fee_relief");
  await leader.click("button:text('Nhận việc gấp nhất')");
  assert.equal(leader.path(), other, "who asks again goes on with what he has");

  const mine = ones.find(({ id }) => taken.endsWith(id));
  await act(counter, mine, "receive");
  await act(counter, mine, "complete_step");
  await counter.go("/desk?xem=da-chuyen&thu-tuc=enforcement_fee_relief");
  assert.equal(await counter.page.locator("[data-row]").count(), 1);

  await counter.click("button:text('Nhớ cách xem này')");
  await counter.go("/desk");
  assert.match(counter.page.url(), /xem=da-chuyen/);
  await counter.click("button:text('Thôi nhớ')");
  await counter.go("/desk");
  assert.doesNotMatch(counter.page.url(), /\?/);

  // With the keys alone: the list, the next row, open.
  await filed("enforcement_fee_relief", "valid-merit");
  await counter.go("/desk");
  assert.ok((await counter.page.locator("[data-row]").count()) > 0, "something to open");
  await counter.page.keyboard.press("j");
  await counter.page.keyboard.press("j");
  await counter.leave(() => counter.page.keyboard.press("Enter"));
  assert.match(counter.path(), /^\/desk\/ho-so\//);
  await counter.page.keyboard.press("?");
  assert.ok(await counter.page.locator("#phim").isVisible());
  await counter.page.keyboard.press("Escape");
  await counter.page.locator("#phim").waitFor({ state: "hidden" });
  await counter.page.keyboard.press("g");
  await counter.leave(() => counter.page.keyboard.press("q"));
  assert.equal(counter.path(), "/desk");
});

test("papers are made at each act, fetched by the applicant and checked by anyone; a lost key is replaced", { timeout: 600_000 }, async () => {
  const one = await filed("result_confirmation", "valid-relative");
  await find(counter, one);
  const form = await open(counter, "receive");
  const sheet = counter.context.waitForEvent("page");
  await form.locator("button[name=_paper]").click();
  await (await sheet).close();
  await act(counter, one, "receive");
  assert.match(await main(counter), /Giấy tiếp nhận hồ sơ và hẹn trả kết quả/);
  const address = await counter.page.locator("main a[href*='/van-ban/']:text('Giấy tiếp nhận')").getAttribute("href");
  const fetched = await counter.context.request.get(BASE + address);
  assert.equal(fetched.headers()["content-type"], "application/pdf");
  const receipt = await fetched.body();
  assert.equal(receipt.subarray(0, 5).toString(), "%PDF-");

  const phone = await Visitor.at(opened);
  await track(phone, { ...one, code: one.code });
  assert.match(await main(phone), /Giấy tiếp nhận hồ sơ và hẹn trả kết quả/);
  const cover = await phone.context.request.get(`${BASE}/ho-so/${one.id}/to-bia`);
  assert.equal((await cover.body()).subarray(0, 5).toString(), "%PDF-");

  // Whoever holds a paper checks it, by code or by file.
  const papers = await api("GET", `/dossiers/${one.id}/papers`, { key: one.key });
  const { check_code: code } = papers.find(({ kind }) => kind === "receipt");
  await phone.go("/xac-thuc");
  await phone.page.locator("#ma").fill(code.toLowerCase());
  await phone.click("button:text-is('Kiểm tra')");
  assert.equal(phone.path(), `/xac-thuc/${code}`);
  assert.match(await main(phone), /còn hiệu lực/);
  const show = async (buffer) => {
    await phone.go("/xac-thuc");
    await phone.page.locator("#file").setInputFiles([{ name: "giay-hen.pdf", mimeType: "application/pdf", buffer }]);
    await phone.click("button:text('Kiểm tra tệp')");
    return main(phone);
  };
  assert.match(await show(receipt), /còn nguyên vẹn/);
  const changed = Buffer.from(receipt);
  changed[changed.length - 20] ^= 1;
  assert.match(await show(changed), /Tệp đã bị sửa/);
  assert.match(await show(Buffer.from("%PDF-1.7 của ai đó")), /Không có giấy tờ nào như vậy/);
  await phone.context.close();

  // A stranger's phone over the printed receipt: what it is, and from there to the dossier for who has its key.
  const stranger = await Visitor.at(opened);
  const [scanned, ...others] = await scan(receipt);
  assert.deepEqual([scanned, others], [`${BASE}/xac-thuc/${code}`, []]);
  await stranger.go(scanned);
  assert.match(await main(stranger), /còn hiệu lực/);
  await stranger.click("header a:text-is('Tra cứu')");
  await track(stranger, one);
  await stranger.context.close();

  // The key is lost: another one at the counter, and the former one is of no use.
  await counter.go(`/desk/ho-so/${one.id}`);
  const panel = counter.page.locator("details").filter({ has: counter.page.locator("#rekey-reason") });
  await panel.locator("summary").click();
  await counter.page.locator("#rekey-reason").fill("Căn cước công dân số 075•••");
  await counter.click("button:text('Cấp mã mới')");
  const key = await counter.page.locator(".code").last().innerText();
  assert.notEqual(key, one.key);
  const again = await Visitor.at(opened);
  await track(again, { ...one, key });
  await again.context.close();
});

test("what comes later is taken in by its code; asking twice needs a leader's reason; a page left open stays true", { timeout: 600_000 }, async () => {
  const one = await filed("result_confirmation", "valid-relative");
  await counter.go("/desk/tiep-nhan");
  await counter.page.locator("#ma").fill(one.code);
  await counter.click("button:text('Mở hồ sơ')");
  assert.equal(counter.path(), `/desk/ho-so/${one.id}`);
  await counter.page.locator("summary:text('Nhận thêm giấy tờ')").click();
  await counter.click("button:text('Nhận vào hồ sơ')");
  assert.match(await counter.page.locator(".error-summary").innerText(), /Chưa chọn tệp nào/);
  await counter.page.locator("summary:text('Nhận thêm giấy tờ')").click();
  await counter.page.locator("#giay-to input[type=file]").setInputFiles([pdf("gửi qua bưu chính.pdf")]);
  await counter.click("button:text('Nhận vào hồ sơ')");
  assert.match(await counter.page.locator("#giay-to").innerText(), /Đã nhận thêm: 1 tệp[^]*gửi qua bưu chính\.pdf/);
  const kept = await api("GET", `/dossiers/${one.id}/documents`, { key: one.key });
  assert.ok(kept.some(({ name, state }) => name === "gửi qua bưu chính.pdf" && state === "ready"), "the applicant has it too");

  // Whoever has the page open learns that it is no longer so; nothing typed there is touched.
  await find(leader, one);
  const old = leader.page.locator("[data-version]");
  assert.ok(!(await old.isVisible()));
  await act(counter, one, "request_supplement", { "why:field:/applicant/address": "incomplete_field" });
  await leader.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await old.waitFor({ state: "visible" });
  await leader.click("[data-version] a");

  const view = await api("GET", `/dossiers/${one.id}`, { key: one.key });
  const [item] = view.supplements.at(-1).items;
  const body = { items: [{ item: item.id, value: "12 Lê Lợi, phường Vũng Tàu, Thành phố Hồ Chí Minh" }] };
  await api("POST", `/dossiers/${one.id}/supplements`, { key: one.key, version: view.version, body });
  await find(leader, one);
  const again = { "why:field:/applicant/phone": "incomplete_field" };
  const form = await fill(leader, "request_supplement", again);
  await leader.leave(() => form.locator("button:not([name])").click());
  assert.match(await leader.page.locator(".error-summary").innerText(), /Lý do phải yêu cầu thêm lần nữa/);
  await act(leader, one, "request_supplement", { ...again, round_reason: "Người nộp báo đã đổi số điện thoại." });
  assert.equal((await read(leader, one)).supplements.at(-1).round, 2);

  // The list draws itself anew, unless somebody works in it.
  const named = () => filed("result_confirmation", "valid-relative", (answers) => {
    answers.applicant.full_name = "Trần Thị Vừa Nộp";
  });
  const row = ({ id }) => counter.page.locator(`a[data-row][href="/desk/ho-so/${id}"]`);
  const open = (count) => counter.page.locator(`h1:text-is("Hồ sơ đang mở (${count})")`);
  const lookAgain = () => counter.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  const first = await named();
  await counter.go("/desk?xem=tat-ca&kenh=online&han=&tim=tran+thi+vua+nop");
  await row(first).waitFor();
  await open(1).waitFor();
  const second = await named();
  await lookAgain();
  await row(second).waitFor();
  await open(2).waitFor();
  await counter.page.locator("input[name=chon]").first().check();
  await counter.page.locator("input[name=chon]").first().blur();
  const third = await named();
  await lookAgain();
  await open(3).waitFor();
  assert.equal(await row(third).count(), 0, "whoever chooses is not disturbed");

  // Columns left out are part of the view.
  await counter.page.locator("#an-thu-tuc").check();
  await counter.click("button:text('Lọc')");
  assert.equal(await counter.page.getByRole("columnheader", { name: "Thủ tục" }).count(), 0);
  assert.equal(await counter.page.getByRole("columnheader", { name: "Người nộp" }).count(), 1);
});

test("the officer a request is against is shown as excluded to who assigns, and finds nothing himself", { timeout: 600_000 }, async () => {
  const one = await filed("officer_replacement", "valid-delay", (answers) => {
    answers.matter.decision_number = "61/QĐ-THADS";
  });
  await find(counter, one);
  await act(counter, one, "receive");
  await act(counter, one, "complete_step");
  await find(leader, one);
  const form = await open(leader, "assign");
  assert.match(await form.innerText(), /bị loại trừ/);
});

test("a number is given out, called to a counter and shown in the hall", { timeout: 600_000 }, async () => {
  await counter.go("/desk/tiep-nhan");
  await counter.click("button:text('Gọi số tiếp theo')");
  assert.match(await main(counter), /Vui lòng|bắt buộc|Cần/i, "a number is called to a place");
  await counter.click("button:text('Phát một số')");
  assert.match(await main(counter), /Đã phát số\s+1/);
  await counter.click("button:text('Phát một số')");
  const hall = await Visitor.at(opened, { viewport: { width: 1280, height: 800 } });
  await hall.go(await counter.page.locator("a[href^='/goi-so/']").getAttribute("href"));
  assert.match(await main(hall), /Chưa gọi số nào[^]*Đang chờ: 2/);
  await counter.page.getByLabel("Gọi đến").fill("Quầy 2");
  await counter.click("button:text('Gọi số tiếp theo')");
  assert.match(await main(counter), /Mời số\s+1\s+→ Quầy 2/);
  await hall.page.getByText("1 → Quầy 2").waitFor();
  assert.equal(await counter.page.getByLabel("Gọi đến").inputValue(), "Quầy 2", "the browser knows its counter");
  await counter.click("button:text('Gọi số tiếp theo')");
  await counter.click("button:text('Gọi số tiếp theo')");
  assert.match(await main(counter), /Không còn ai chờ/);
  await hall.context.close();
});

test("a phone shows the desk too", { timeout: 600_000 }, async () => {
  const one = await filed("result_confirmation", "valid-relative");
  const phone = await officer(opened, "dn.kiemtra", { limit: 250 * 1024 });
  await find(phone, one);
  await phone.go("/desk/tong-quan");
  await phone.go(`/desk/ho-so/${one.id}/ai-da-xem`);
});

/** The nth working day from today as people type it; holidays are not minded. */
function workingDay(nth) {
  const day = new Date(Date.now() + 7 * 3600_000);
  for (let left = nth; left > 0; ) {
    day.setUTCDate(day.getUTCDate() + 1);
    if (day.getUTCDay() % 6) left -= 1;
  }
  return day.toISOString().slice(0, 10).split("-").reverse().join("/");
}
