// Pictures of the main pages for docs/screens, at the width of a phone and of a desk. Run by
// `make screens` in place of the specs, against an office of its own.
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { Visitor, begin, browser, example, fillForm, finish, signIn } from "./office.mjs";

const SIZES = { phone: { width: 360, height: 640 }, desk: { width: 1280, height: 800 } };
const FOLDER = new URL("../../docs/screens/", import.meta.url).pathname;

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`pictures for a ${size}`, { timeout: 180_000 }, async (t) => {
    mkdirSync(FOLDER, { recursive: true });
    const opened = await browser(t);
    const visitor = await Visitor.at(opened, { viewport });
    const { page } = visitor;
    const show = async (name) => {
      // From the top, without the ring of the focus, as somebody sees it who has just come.
      await page.evaluate(() => {
        document.activeElement?.blur();
        scrollTo(0, 0);
      });
      await page.screenshot({ path: `${FOLDER}${name}-${size}.png` });
    };
    await visitor.go("/");
    await show("home");
    await visitor.go("/thu-tuc/enforcement_decision");
    await show("procedure");
    await visitor.go("/cong-cu/han?received_at=24%2F04%2F2026&time=09%3A30&limit=5&unit=wd");
    await show("calculator");
    const answers = example("officer_replacement", "valid-delay");
    await begin(visitor, "officer_replacement", { name: answers.applicant.full_name, email: "thuha@example.vn" });
    await show("form");
    const id = await fillForm(visitor, answers);
    await show("papers");
    await visitor.go(`/ho-so/${id}/kiem-tra`);
    await show("check");
    await visitor.go(`/ho-so/${id}/giay-to`);
    await finish(visitor, id);
    await show("filed");
    await visitor.go(`/ho-so/${id}`);
    await show("tracking");

    if (size !== "desk") return;
    const { hostname } = new URL(page.url());
    await visitor.context.addCookies([{ name: "motcua", value: await signIn("hcm.motcua"), domain: hostname, path: "/" }]);
    await page.goto(new URL("/desk", page.url()).href);
    await show("queue");
  });
}
