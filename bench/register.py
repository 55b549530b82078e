"""The dossier register with 100,000 rows, as the job writes it: how long it takes, and the most memory the
server has meanwhile. The workbook is read by another program, which counts its rows.
"""

import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.argv = [sys.argv[0], *sys.argv[1:3]]
from measure import FOLDER, Demonstration, call, stop_all  # noqa: E402
from openpyxl import load_workbook  # noqa: E402

BASE = "http://127.0.0.1:8194"
ROWS = int(os.environ.get("BENCH_REGISTER", "100000"))


def forget(process):
    """From now on the most memory it had is that of what comes."""
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def most(process):
    """The most memory a process had since then, in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


class Desk:
    """A browser of the office: what it was given as cookies it sends back."""

    def __init__(self, token):
        self.cookies = {"motcua": token}

    def open(self, path, form=None):
        data = form and urllib.parse.urlencode(form).encode()
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = urllib.request.Request(BASE + path, data, {"Cookie": cookies, "Origin": BASE})
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as refused:
            sys.exit(f"{path}: {refused.read().decode()}")
        with answer:
            for given in answer.headers.get_all("Set-Cookie") or []:
                name, value = given.split(";")[0].split("=", 1)
                self.cookies[name] = value
            return answer.geturl(), answer.read()


def main():
    office = Demonstration(BASE, "register")
    server, sql, filing, staff = office.server, office.sql, office.filing, office.staff
    view = json.loads(call("POST", "/api/v1/dossiers", filing, base=BASE, Idempotency_Key="register".ljust(36, "-")))
    source = view["id"]
    view = json.loads(call("POST", f"/api/v1/dossiers/{source}/receipt", {}, base=BASE, Idempotency_Key="received", If_Match='"%d"' % view["version"], **staff))

    columns = sql("SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'dossiers'").split(",")
    new, known = "md5('register' || g)::uuid", f"replace(body::text, '{source}', (md5('register' || g)::uuid)::text)"
    known = f"replace(replace({known}, d.reference, 'R-' || g), d.code, 'R-' || g)"
    change = {"id": new, "reference": "'R-' || g", "code": "'R-' || g", "body": f"{known}::jsonb"}
    chosen = ",".join(change.get(column, "d." + column) for column in columns)
    sql(f"INSERT INTO dossiers ({','.join(columns)}) SELECT {chosen} FROM dossiers d, generate_series(2, {ROWS}) g WHERE d.id = '{source}'")
    sql(f"INSERT INTO dossier_events SELECT {new}, e.seq, e.version, e.at, e.kind, e.actor, e.body FROM dossier_events e, generate_series(2, {ROWS}) g WHERE e.dossier_id = '{source}'")
    sql("VACUUM ANALYZE dossiers")

    desk = Desk(office.token)
    _, page = desk.open("/desk/ket-xuat")
    # The form as the page holds it: this year until today.
    shown = re.search(r'<form method="post" action="/desk/ket-xuat".*?</form>', page.decode(), re.S).group()
    boxes = (dict(re.findall(r'(\w+)="([^"]*)"', box)) for box in re.findall(r"<input [^>]*>", shown) if 'type="radio"' not in box)
    form = {box["name"]: box.get("value", "") for box in boxes if "name" in box}
    form |= {"/so/list": "register", "/so/format": "xlsx", "/so/agency": office.agency}
    forget(server)
    before, begun = most(server), time.monotonic()
    asked, page = desk.open("/desk/ket-xuat", form)
    asked = asked.removeprefix(BASE)
    while "/tep" not in page.decode():
        if any(word in page.decode() for word in ("Không lập được", "Đã hủy")):
            sys.exit(f"not written: {asked}")
        time.sleep(0.2)
        _, page = desk.open(asked)
    took, peak = time.monotonic() - begun, most(server)
    _, file = desk.open(asked + "/tep")
    path = FOLDER / "register.xlsx"
    path.write_bytes(file)
    rows = sum(1 for row in load_workbook(path, read_only=True).active.iter_rows(values_only=True) if isinstance(row[0], int))
    assert rows == ROWS, f"{rows} rows of {ROWS}"
    print(f"Register of {rows:,} rows: {took:.0f} s, {len(file) / 1e6:.1f} MB; most memory of the server {peak:.0f} MB, {before:.0f} MB before.")


try:
    main()
finally:
    stop_all()
