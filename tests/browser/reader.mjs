// Reads the QR code printed on a paper, as a phone held over it does.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const wasm = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
// What it comes with is read from here; by itself it would ask another host.
prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm).buffer } });

/** What the first page of a PDF file says in its code. */
export async function scan(pdf) {
  const png = execFileSync("pdftoppm", ["-r", "150", "-png", "-singlefile", "-"], { input: pdf, maxBuffer: 64 << 20 });
  const found = await readBarcodes(new Blob([png]), { formats: ["QRCode"] });
  return found.map(({ text }) => text);
}
