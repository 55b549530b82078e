"""Receipts: how long the clerk waits for one, and what one costs beside weasyprint setting an equal page.

Ours comes whole through the server: read from the database, set, stored, recorded, sent. The page beside it
has the same words, fonts and size and as many squares of a code, and is only set, tagged, as PDF/A-2b too. Both are counted in seconds of one core, so that
what else the machine does matters little; both take turns within one run.
"""

import json
import os
import re
import resource
import statistics
import sys
import time
from pathlib import Path

sys.argv = [sys.argv[0], *sys.argv[1:3]]
from measure import FOLDER, Demonstration, call, stop_all  # noqa: E402
from weasyprint import HTML  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402

BASE = "http://127.0.0.1:8193"
NUMBER, TURNS = int(os.environ.get("BENCH_RECEIPTS", "120")), 3
# As ours are.
KIND = {"pdf_tags": True, "pdf_variant": "pdf/a-2b"}
PAGE = Path("bench/receipt.html").read_text()


def used(process):
    """Seconds of a core a process has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def page(number):
    words = {"code": f"000.04.15.G15-261126-{number:04}", "name": "Lê Văn Thành"}
    return re.sub(r"\{(\w+)\}", lambda found: words[found.group(1)], PAGE)


def main():
    office = Demonstration(BASE, "receipts", MOTCUA_WORKER_CONCURRENCY="0", MOTCUA_RATE_LIMIT_PER_MINUTE="1000000")
    server, filing, staff = office.server, office.filing, office.staff

    def receipt(number):
        view = json.loads(call("POST", "/api/v1/dossiers", filing, base=BASE, Idempotency_Key=f"file-{number:036}"))
        call("POST", f"/api/v1/dossiers/{view['id']}/receipt", {}, base=BASE, Idempotency_Key=f"receipt-{number}", If_Match='"%d"' % view["version"], **staff)
        papers = json.loads(call("GET", f"/api/v1/dossiers/{view['id']}/papers", base=BASE, **staff))
        return next(paper["id"] for paper in papers if paper["kind"] == "receipt")

    ready = [receipt(number) for number in range(NUMBER * TURNS + 10)]
    fetch = lambda paper: call("GET", f"/api/v1/papers/{paper}/content", base=BASE, **staff)  # noqa: E731
    fonts = FontConfiguration()

    def beside(number):
        document = HTML(string=page(number), base_url=".").render(font_config=fonts, **KIND)
        assert len(document.pages) == 1, "not one page, as ours is"
        return document.write_pdf(**KIND)

    for number in range(10):
        sample = fetch(ready.pop()), beside(number)
    for name, pdf in zip(("ours", "beside"), sample):
        (FOLDER / f"receipt-{name}.pdf").write_bytes(pdf)
    waits, ours, theirs, begun = [], 0.0, 0.0, 0
    for _ in range(TURNS):
        before = used(server)
        for _ in range(NUMBER):
            at = time.monotonic()
            assert fetch(ready.pop()).startswith(b"%PDF")
            waits.append((time.monotonic() - at) * 1000)
        ours += used(server) - before
        before = resource.getrusage(resource.RUSAGE_SELF)
        for number in range(NUMBER):
            beside(begun + number)
        begun += NUMBER
        after = resource.getrusage(resource.RUSAGE_SELF)
        theirs += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    many = NUMBER * TURNS
    hundredths = statistics.quantiles(waits, n=100)
    print("| receipts | per second of a core | bytes |\n|---|---:|---:|")
    print(f"| motcua, whole request | {many / ours:.1f} | {len(sample[0])} |")
    print(f"| weasyprint, the page alone | {many / theirs:.1f} | {len(sample[1])} |")
    print(f"| ratio | {theirs / ours:.1f} | |")
    print(f"\nThe clerk waits for a receipt made on the spot: p50 {hundredths[49]:.0f} ms, p99 {hundredths[98]:.0f} ms ({many} receipts).")


try:
    main()
finally:
    stop_all()
