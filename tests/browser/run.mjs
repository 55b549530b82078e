// Opens an office of its own (`motcua dev`, a free port, a data folder under target/), runs the
// specs against it and closes it. Nothing is retried; the data folder stays when something failed.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { unseen } from "./seen.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [program, ...wanted] = process.argv.slice(2);
const folder = resolve(dirname(program), "../browser-office");
mkdirSync(folder, { recursive: true });
// Another user runs the database.
const data = mkdtempSync(join(folder, "office-"));
chmodSync(data, 0o755);

const freePort = () =>
  new Promise((found, failed) => {
    const asked = createServer().on("error", failed);
    asked.listen(0, "127.0.0.1", () => {
      const { port } = asked.address();
      asked.close(() => found(port));
    });
  });

// Results and receipts are sealed, as in an office that has a key.
const seal = (name) => join(data, name);
const secret = "giay-to";
execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650", "-subj", "/CN=Thi hanh an dan su thu nghiem", "-keyout", seal("seal.key"), "-out", seal("seal.pem")], { stdio: "ignore" });
execFileSync("openssl", ["pkcs12", "-export", "-passout", `pass:${secret}`, "-inkey", seal("seal.key"), "-in", seal("seal.pem"), "-out", seal("seal.p12")]);

const port = await freePort();
const { DATABASE_URL: _, ...inherited } = process.env;
const office = spawn(program, ["dev"], {
  env: {
    ...inherited,
    MOTCUA_DATA_DIR: data,
    MOTCUA_SEAL_KEY: `pkcs12:${seal("seal.p12")}`,
    MOTCUA_SEAL_SECRET: secret,
    MOTCUA_HTTP_ADDR: `127.0.0.1:${port}`,
    // All specs come from one address.
    MOTCUA_RATE_LIMIT_PER_MINUTE: "1000000",
    MOTCUA_LOG: "info,actix_server=warn,motcua_web::page=trace",
  },
  stdio: ["ignore", "pipe", "pipe"],
});
// The pages it draws are gathered; whatever else it says is passed on.
const drawn = new Set();
createInterface({ input: office.stderr }).on("line", (line) => {
  const page = /motcua_web::page.*drawn="[^"]*::(\w+)(?:<[^"]*>)?"/.exec(line)?.[1];
  if (page) drawn.add(page);
  else console.error(line);
});
const ended = new Promise((done) => office.on("exit", done));
const stop = async () => {
  office.kill("SIGTERM");
  await ended;
};
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop().then(() => process.exit(130)));

const opened = await new Promise((done) => {
  createInterface({ input: office.stdout }).on("line", (line) => line.includes("Ctrl-C") && done(true));
  ended.then(() => done(false));
});
if (!opened) {
  console.error("the office ended before it opened");
  process.exit(1);
}

const specs = readdirSync(here).filter((name) => name.endsWith(".spec.mjs"));
const chosen = wanted[0]?.endsWith(".mjs") ? wanted : wanted.length ? specs.filter((name) => wanted.some((word) => name.startsWith(word))) : specs;
const seen = join(data, "seen");
mkdirSync(join(seen, "shapes"), { recursive: true });
const tests = spawn(process.execPath, ["--test", "--test-reporter=spec", "--test-concurrency=3", ...chosen.map((name) => join(here, name))], {
  env: { ...inherited, MOTCUA_BASE: `http://127.0.0.1:${port}`, MOTCUA_MAIL: join(data, "mail"), MOTCUA_SEEN: seen },
  stdio: "inherit",
});
let code = await new Promise((done) => tests.on("exit", done));
await stop();
if (code === 0 && chosen.length === specs.length) {
  const missing = unseen(seen, drawn);
  if (missing.length) console.error(`never seen:\n${missing.join("\n")}`);
  code = missing.length ? 1 : 0;
}
if (code === 0) rmSync(data, { recursive: true });
else console.error(`what the office kept is in ${data}`);
process.exit(code ?? 1);
