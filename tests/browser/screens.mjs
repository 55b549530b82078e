// Pictures of the main pages for docs/screens, at the width of a phone and of a desk, and one of each
// paper. Run by `make screens` in place of the specs, against an office of its own.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Visitor, begin, browser, example, fillForm, finish, signIn } from "./office.mjs";

const SIZES = { phone: { width: 360, height: 640 }, desk: { width: 1280, height: 800 } };
const FOLDER = new URL("../../docs/screens/", import.meta.url).pathname;
const DRAWN = new URL("../../src/catalogue/drawn/", import.meta.url).pathname;

/** Writes a picture as WebP, a third of a PNG, in the size given or its own. */
async function keep(context, png, name, scale = 1) {
  const page = await context.newPage();
  const written = await page.evaluate(
    async ([data, scale]) => {
      const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [picture.width * scale, picture.height * scale];
      const pen = canvas.getContext("2d");
      pen.imageSmoothingQuality = "high";
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      return canvas.toDataURL("image/webp", 0.75).split(",")[1];
    },
    [png.toString("base64"), scale],
  );
  await page.close();
  writeFileSync(`${FOLDER}${name}.webp`, Buffer.from(written, "base64"));
}

test("pictures of each paper", { timeout: 180_000 }, async (t) => {
  const opened = await browser(t);
  const context = await opened.newContext();
  const drawn = readdirSync(DRAWN).sort();
  // Every page of the newest form of each, and of those that were sealed; what is drawn a second time or to the
  // extreme is left out.
  const newest = new Map();
  for (const file of drawn) {
    const [, kind, form] = /^([a-z_]+?)_(\d[\d_]*|sealed)-1\.png$/.exec(file) ?? [];
    if (kind) newest.set(form === "sealed" ? `${kind}-sealed` : kind, `${kind}_${form}-`);
  }
  for (const [name, form] of newest) {
    for (const file of drawn.filter((file) => file.startsWith(form))) {
      const number = file.slice(form.length, -".png".length);
      const page = number === "1" ? "" : `-${number}`;
      await keep(context, readFileSync(`${DRAWN}${file}`), `paper-${name.replaceAll("_", "-")}${page}`, 1);
    }
  }
});

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`pictures for a ${size}`, { timeout: 180_000 }, async (t) => {
    mkdirSync(FOLDER, { recursive: true });
    const opened = await browser(t);
    const visitor = await Visitor.at(opened, { viewport });
    const { page } = visitor;
    const pictures = await opened.newContext();
    const show = async (name) => {
      // From the top, without the ring of the focus, as somebody sees it who has just come.
      await page.evaluate(() => {
        document.activeElement?.blur();
        scrollTo(0, 0);
      });
      await keep(pictures, await page.screenshot(), `${name}-${size}`);
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

    const { hostname } = new URL(page.url());
    const staff = async (name) => {
      const value = await signIn(name);
      await visitor.context.addCookies([{ name: "motcua", value, domain: hostname, path: "/" }]);
      return value;
    };
    const desk = async (path, name) => {
      await page.goto(new URL(path, page.url()).href);
      await show(name);
    };
    const token = await staff(size === "desk" ? "hcm.motcua" : "hcm.motcua2");
    const made = new URL(`/api/v1/dossiers/${id}/papers`, page.url());
    const [copy] = await (await fetch(made, { headers: { authorization: `Bearer ${token}` } })).json();
    await desk(`/xac-thuc/${copy.check_code}`, "checked");
    await desk("/desk", "queue");
    await desk(`/desk/ho-so/${id}`, "dossier");
    await desk("/desk/tiep-nhan", "intake");
    await staff(size === "desk" ? "hcm.truong" : "hcm.pho");
    await desk("/desk/tong-quan", "overview");
    await desk("/desk/ket-xuat", "lists");
  });
}
