// Which pages a whole run saw: the addresses the program serves pages at, each in both languages, the
// forms it accepts, and every page struct drawn. A whole run that missed one of them has failed.
import { appendFileSync, closeSync, openSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PAGES = join(dirname(fileURLToPath(import.meta.url)), "../../src/web/pages");
// Files, and addresses that only lead on.
const NO_PAGES = ["GET /static/{name}", "GET /giay-to/{id}", "GET /giay-to/{id}/nho", "GET /ho-so/{id}/van-ban/{paper}", "GET /ho-so/{id}/van-ban/{paper}/ke-khai", "GET /ho-so/{id}/to-bia", "GET /ho-so/{id}/phieu-kiem-soat", "GET /desk/ket-xuat/{id}/tep", "GET /desk/quan-tri/van-ban/de-nghi/{id}/ban-in", "GET /ngon-ngu/{language}", "GET /desk/phien", "GET /desk/ho-so/{id}/phien-ban", "GET /desk/quan-tri"];
// A job that has died for good, or a run or list slow enough to be paused or cancelled, cannot be brought
// about from outside; the API tests send these forms, with a lock held.
const NOT_FROM_OUTSIDE = [
  "POST /desk/quan-tri/viec-nen/{id}/thu-lai",
  "POST /desk/hang-loat/{id}/tam-dung",
  "POST /desk/hang-loat/{id}/lam-tiep",
  "POST /desk/ket-xuat/{id}/huy",
];

/** The acts there are, each a form of its own at the desk. */
const ACTS = [...readFileSync(join(PAGES, "../../domain/dossier/command.rs"), "utf8").matchAll(/^ {8}[A-Z]\w+ => "(\w+)",$/gm)].map(([, act]) => act);
// Filing and supplying have pages of their own; time runs out, and rules change, only in the API tests, which send
// these forms.
const NO_FORM = ["submit", "supply", "lapse", "repin"];

const folder = process.env.MOTCUA_SEEN;

/** Notes an answer; true the first time this program sees its like. */
const known = new Set();
const judged = new Set();
export function note(method, url, status, language) {
  // A page is seen when it is shown; a form is accepted also when it leads on.
  const accepted = method === "GET" ? status === 200 : status < 400;
  const { pathname } = new URL(url);
  const route = routeOf(method, pathname).replace("{act}", pathname.split("/").at(-1));
  const line = `${method} ${route} ${accepted ? "accepted" : status} ${language}`;
  if (!folder || known.has(line)) return false;
  known.add(line);
  appendFileSync(join(folder, String(process.pid)), `${line}\n`);
  return true;
}

/** True the first time any spec of this run asks about a page of this shape: whoever is first judges it, and a
 * fault found there fails the run. */
export function isFirst(shape) {
  if (judged.has(shape)) return false;
  judged.add(shape);
  if (!folder) return true;
  try {
    closeSync(openSync(join(folder, "shapes", shape), "wx"));
    return true;
  } catch (known) {
    if (known.code !== "EEXIST") throw known;
    return false;
  }
}

/** The addresses as the program registers them, `GET /ho-so/{id}`. */
const routes = readdirSync(PAGES, { recursive: true })
  .filter((name) => name.endsWith(".rs"))
  .flatMap((name) => {
    const text = readFileSync(join(PAGES, name), "utf8");
    const named = Object.fromEntries([...text.matchAll(/const ([A-Z_]+): &str = "([^"]+)"/g)].map(([, key, value]) => [key, value]));
    return [...text.matchAll(/\.route\(\s*(?:"([^"]+)"|([A-Z_]+)),\s*web::(get|post)\(\)/g)].map(
      ([, said, key, method]) => `${method.toUpperCase()} ${said ?? named[key]}`,
    );
  });

function routeOf(method, path) {
  const fits = routes.filter((route) => {
    const [asked, pattern] = route.split(" ");
    return asked === method && new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path);
  });
  // The most particular one: `/desk/ho-so/{id}/ai-da-xem` before `/desk/ho-so/{id}/{act}`.
  return (fits.sort((one, other) => one.split("{").length - other.split("{").length)[0] ?? "? /").split(" ")[1];
}

/** The page structs there are, each drawn from one template. */
const structs = readdirSync(PAGES, { recursive: true })
  .filter((name) => name.endsWith(".rs"))
  .flatMap((name) => [...readFileSync(join(PAGES, name), "utf8").matchAll(/#\[template\(path[^\n]*\n(?:pub )?struct (\w+)/g)])
  .map(([, name]) => name);

/** What a whole run did not see. */
export function unseen(from, drawn) {
  const notes = readdirSync(from, { withFileTypes: true }).filter((one) => one.isFile());
  const lines = new Set(notes.flatMap(({ name }) => readFileSync(join(from, name), "utf8").trim().split("\n")));
  if (routes.length < 80) return [`only ${routes.length} addresses were found in ${PAGES}`];
  if (ACTS.length < 20) return [`only ${ACTS.length} acts were found`];
  if (structs.length < 40) return [`only ${structs.length} page structs were found in ${PAGES}`];
  const undrawn = structs.filter((name) => !drawn.has(name)).map((name) => `${name} drawn`);
  const missed = routes
    .filter((route) => !NO_PAGES.includes(route) && !NOT_FROM_OUTSIDE.includes(route))
    .flatMap((route) => (route.endsWith("/{act}") ? ACTS.filter((act) => !NO_FORM.includes(act)).map((act) => route.replace("{act}", act)) : [route]))
    .flatMap((route) => (route.startsWith("GET") ? ["vi", "en"].map((language) => `${route} accepted ${language}`) : [route]))
    .filter((wanted) => ![...lines].some((line) => line === wanted || line.startsWith(`${wanted} accepted`)));
  return [...undrawn, ...missed];
}
