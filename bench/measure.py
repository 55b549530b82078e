"""Ratios of one run: our acts beside pgbench with the very same statements, our reads beside a bare
handler with the very same statements, a page of the queue at two sizes, memory and start.

The statements are captured from the server's own act (log_statement), so they cannot go stale.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

RELEASE, FOLDER = Path(sys.argv[1]), Path(sys.argv[2])
MOTCUA, SECONDS = RELEASE / "motcua", int(os.environ.get("BENCH_SECONDS", "6"))
TURNS = 3
# Acts of one measurement; receiving uses up dossiers, so it is a number and not a time.
RECEIPTS, LARGE = 3000, int(os.environ.get("BENCH_LARGE", "1000000"))
PORT, BARE_PORT = 8190, 8191
BASE = f"http://127.0.0.1:{PORT}"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Callers who have not signed in need keys of at least 32 characters.
CAPTURED = "captured-key".ljust(32, "-")
OPEN = "SELECT count(*) FROM dossiers WHERE ended_at IS NULL AND state <> 'draft'"
started = []


def start(words, ready, **settings):
    log = open(FOLDER / f"{Path(words[0]).name}-{words[1] if len(words) < 4 else 'bare'}.log", "wb")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MOTCUA_", "DATABASE_URL"))}
    process = subprocess.Popen([str(w) for w in words], stdout=log, stderr=log, env={**env, **settings})
    started.append(process)
    begun = time.monotonic()
    while not ready():
        if process.poll() is not None or time.monotonic() - begun > 90:
            sys.exit(f"{words} did not start; see {log.name}")
        time.sleep(0.005)
    return process, time.monotonic() - begun


def call(method, path, body=None, base=BASE, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        headers["content-type"] = "application/json"
    request = urllib.request.Request(base + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.read()
    except urllib.error.HTTPError as refused:
        if path != "/health/ready":
            print(path, refused.read().decode())
        raise


def answers(base):
    def ready():
        try:
            call("GET", "/health/ready", base=base)
            return True
        except OSError:
            return False
    return ready


def sql(text):
    done = subprocess.run(["psql", URL, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.strip()


def capture(act):
    """The statements one act sends, with their parameters, as the database saw them."""
    log = max((FOLDER / "var/pg").rglob("*log*"), key=lambda path: path.is_file() and path.stat().st_mtime)
    time.sleep(1)
    at = log.stat().st_size
    result = act()
    time.sleep(0.3)
    found, current = {}, None
    with open(log, encoding="utf-8", errors="replace") as lines:
        lines.seek(at)
        for line in lines:
            head = re.match(r"@(\d+)@(\w+):  (.*)", line, re.S)
            if not head:
                # A text of several lines goes on after a tab.
                if current is not None and line.startswith("\t"):
                    current[0 if current[1] is None else 1] += line[1:]
                continue
            process, kind, text = head.groups()
            text = re.match(r"(?:statement|execute [^:]+): (.*)", text, re.S) if kind == "LOG" else text
            if kind == "LOG" and text:
                current = [text.group(1), None]
                found.setdefault(process, []).append(current)
            elif kind == "DETAIL" and current is not None and text.startswith("parameters: "):
                current[1] = text
    statements = max(found.values(), key=len)
    return [(text.strip().rstrip(";"), values(detail)) for text, detail in statements], result


def values(detail):
    if not detail:
        return {}
    return {int(n): v for n, v in re.findall(r"\$(\d+) = ('(?:[^']|'')*'|NULL)", detail)}


UUID = re.compile(r"^'[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}'$")


def literal(text, names):
    """A parameter as pgbench writes it: what was new in the act becomes a variable."""
    inner = text[1:-1]
    if inner in names:
        return f":{names[inner]}"
    if len(inner) < 200 and not inner.startswith(("{", "[")):
        for token, name in names.items():
            if token in inner and len(token) > 8:
                before, after = inner.split(token, 1)
                return f"({calm(before)} || :{name} || {calm(after)})"
    return text if text == "NULL" else calm(inner)


def calm(inner):
    """A literal without a colon: pgbench takes one for a variable, inside quotes as well."""
    if ":" not in inner:
        return f"'{inner}'"
    return "E'" + inner.replace("\\", "\\\\").replace(":", "\\072") + "'"


def script(name, statements, names, first):
    """The same statements for pgbench. One SELECT more makes the values that must differ."""
    made = ", ".join(f"md5('{first}' || '{variable}' || :n)::uuid::text AS {variable}" for variable in set(names.values()))
    made = made.replace(f"md5('{first}' || 'id' || :n)", f"md5('{first}' || :n)")
    # The reference stays what it was in the copy: a changed one would be more work than ours.
    made = made.replace(f"md5('{first}' || 'reference' || :n)::uuid::text", f"'{first}-' || :n")
    lines = ["\\set i :i + 1", "\\set n :base + :client_id * 100000 + :i", f"SELECT {made} \\gset"]
    for text, given in statements:
        text = re.sub(r"\$(\d+)", lambda m: literal(given[int(m.group(1))], names), text)
        lines += [" ".join(part.split()) if "'" not in part else part for part in split(text)]
    path = FOLDER / f"{name}.sql"
    path.write_text("\n".join(line + ";" if not line.startswith("\\") and not line.endswith("gset") else line for line in lines) + "\n")
    return path


def split(text):
    # COMMIT goes with an empty query before it in one message; pgbench sends commands one by one.
    return ["COMMIT"] if text.upper().endswith("COMMIT") else [text]


def turns(ours, beside):
    """Both in short turns, so that what else the machine does falls on both alike."""
    mine, other = [], []
    for turn in range(TURNS):
        mine.append(ours(turn))
        other.append(beside(turn, mine[-1][0]))
    middle = sorted(mine, key=lambda each: each[2])[TURNS // 2]
    return sum(each[0] for each in mine) / TURNS, sum(other) / TURNS, middle[1], middle[2]


def pgbench(path, clients, transactions, base, first=0):
    done = subprocess.run(
        ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-t", str(transactions // clients), "-D", f"i={first}",
         "-D", f"base={base}", "-f", str(path), URL], capture_output=True, text=True)
    if done.returncode or "tps = " not in done.stdout:
        sys.exit(f"pgbench {path}: {done.stderr[-1500:]}")
    return float(re.search(r"tps = ([0-9.]+)", done.stdout).group(1))


WRK = """
local made = 0
failed = 0
%s
function response(status) if status >= 300 then failed = failed + 1 end end
function setup(thread) main = thread end
function done(summary, latency)
  io.write(string.format("RESULT %%f %%d %%f %%f\\n", summary.requests / summary.duration * 1e6,
    main:get("failed") + summary.errors.connect + summary.errors.read + summary.errors.timeout, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
"""


def wrk(url, clients, lua, seconds=SECONDS):
    path = FOLDER / "load.lua"
    path.write_text(WRK % lua)
    done = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", str(path), url], capture_output=True, text=True)
    found = re.search(r"RESULT ([\d.]+) (\d+) ([\d.]+) ([\d.]+)", done.stdout)
    if not found or int(found.group(2)):
        sys.exit(f"wrk {url}: {done.stdout}{done.stderr}")
    return float(found.group(1)), float(found.group(3)), float(found.group(4))


def quoted(text):
    return "[==[" + text + "]==]"


def headers(given):
    return "".join(f"wrk.headers[ {quoted(name)} ] = {quoted(value)}\n" for name, value in given.items())


def copies(first, start_at, count, source, received=False):
    """Rows like this one, each with its own id, reference and, when received, code and due date."""
    columns = sql("SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'dossiers'").split(",")
    new = f"md5('{first}' || g)::uuid"
    change = {"id": new, "reference": f"'{first}-' || g"}
    if received:
        change |= {"code": f"'{first}-' || g", "body": "'{}'", "answers": "'{}'", "next_due_at": "d.next_due_at + g * interval '1 second'"}
    else:
        known = f"replace(body::text, '{source}', ({new})::text)"
        change |= {"body": f"replace({known}, d.reference, '{first}-' || g)::jsonb"}
    chosen = ",".join(change.get(column, "d." + column) for column in columns)
    sql(f"INSERT INTO dossiers ({','.join(columns)}) SELECT {chosen} FROM dossiers d, generate_series({start_at}, {start_at + count - 1}) g WHERE d.id = '{source}'")
    if not received:
        sql(f"INSERT INTO dossier_events SELECT {new}, e.seq, e.version, e.at, e.kind, e.actor, e.body FROM dossier_events e, generate_series({start_at}, {start_at + count - 1}) g WHERE e.dossier_id = '{source}'")
        sql(f"INSERT INTO audit_heads SELECT 'dossier:' || ({new})::text, h.seq, h.hash FROM audit_heads h, generate_series({start_at}, {start_at + count - 1}) g WHERE h.chain = 'dossier:{source}'")


def resident(process):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text()).group(1)) / 1024


def signed_in(name, base=BASE):
    """The token of a member of staff."""
    code = subprocess.run([str(MOTCUA), "staff", "code", TOTP], capture_output=True, text=True).stdout.split()[0]
    return json.loads(call("POST", "/api/v1/staff-sessions", {"user_name": name, "password": "motcua-demo-2026", "code": code}, base=base))["token"]


class Demonstration:
    """The demonstration office in a folder of its own, as `motcua dev` opens it: its database, a request to
    file there and a session of its counter.
    """

    def __init__(self, base, name, **settings):
        data = FOLDER / name
        # A former run's papers and rows are there already.
        shutil.rmtree(data, ignore_errors=True)
        self.server, _ = start([MOTCUA, "dev"], answers(base), MOTCUA_DATA_DIR=str(data), MOTCUA_HTTP_ADDR=base[7:], **settings)
        self.url = re.search(r"Database: (\S+)", (FOLDER / "motcua-dev.log").read_text()).group(1)
        self.agency = self.sql("SELECT agency_id FROM matters GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
        example = json.loads(Path("src/catalogue/procedures/enforcement_decision/2026-07-01/examples/valid-debtor.json").read_text())
        self.filing = {"procedure": "enforcement_decision", "agency": self.agency, "answers": example.get("answers", example), "submit": True,
                       "contact": {"name": "Nguyễn Thị Hồng Nhung", "email": "nhung@example.vn", "phone": "0903456789"}}
        self.token = signed_in("hcm.motcua", base)
        self.staff = {"Authorization": "Bearer " + self.token}

    def sql(self, text):
        done = subprocess.run(["psql", self.url, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text], capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        return done.stdout.strip()


def desk_pages(source, pages):
    """Pages of the desk (name: address, token, what stands there), at two sizes: median and 99th percentile in ms."""
    for address, token, sign in pages.values():
        assert sign in call("GET", address, Cookie=f"motcua={token}"), address
    has, measured = int(sql(OPEN)), {name: {} for name in pages}
    for size in (2_000, 200_000):
        copies(f"p{size}", 1, size - has, source, received=True)
        has = size
        sql("VACUUM ANALYZE dossiers")
        for name, (address, token, _) in pages.items():
            known = headers({"Cookie": f"motcua={token}"})
            wrk(BASE + address, 8, known, 2)
            _, *measured[name][size] = wrk(BASE + address, 8, known)
    sql("DELETE FROM dossiers WHERE reference ~ '^p[0-9]+-'")
    sql("VACUUM FULL ANALYZE dossiers")
    return measured


def main():
    global URL
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    # The private PostgreSQL of `motcua dev`, with its default durability, is the database of all.
    start([MOTCUA, "dev"], answers("http://127.0.0.1:8192"), MOTCUA_DATA_DIR=str(FOLDER / "var"), MOTCUA_HTTP_ADDR="127.0.0.1:8192", MOTCUA_WORKER_CONCURRENCY="0")
    URL = re.search(r"Database: (\S+)", (FOLDER / "motcua-dev.log").read_text()).group(1)
    sql("ALTER SYSTEM SET log_line_prefix = '@%p@'")
    settings = {"DATABASE_URL": URL, "MOTCUA_HTTP_ADDR": f"127.0.0.1:{PORT}", "MOTCUA_DATA_DIR": str(FOLDER / "var"),
                "MOTCUA_WORKER_CONCURRENCY": "0", "MOTCUA_RATE_LIMIT_PER_MINUTE": "1000000"}
    server, _ = start([MOTCUA, "serve"], answers(BASE), **settings)

    agency = sql("SELECT agency_id FROM matters GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    example = json.loads(Path("src/catalogue/procedures/enforcement_decision/2026-07-01/examples/valid-debtor.json").read_text())
    example = example.get("answers", example)
    filing = {"procedure": "enforcement_decision", "agency": agency, "answers": example, "submit": True,
              "contact": {"name": "Nguyễn Thị Thu Hà", "email": "thuha@example.vn", "phone": "0903123456"}}
    token = signed_in("hcm.motcua")
    staff = {"Authorization": "Bearer " + token}

    def submit(key):
        return json.loads(call("POST", "/api/v1/dossiers", filing, Idempotency_Key=key))

    def receive(view, key):
        return json.loads(call("POST", f"/api/v1/dossiers/{view['id']}/receipt", {}, Idempotency_Key=key, If_Match='"%d"' % view["version"], **staff))

    # Once for every operation before its statements are looked at, so that nothing is prepared anew.
    for warm in range(20):
        seen = receive(submit(f"warm-{warm:032}"), f"warm-receipt-{warm}")
    sql("ALTER SYSTEM SET log_statement = 'all'")
    sql("SELECT pg_reload_conf()")
    captured = {}
    captured["submit"], filed = capture(lambda: submit(CAPTURED))
    captured["receive"], received = capture(lambda: receive(filed, "captured-receipt"))
    known = {"Tracking-Key": filed["tracking_key"]}
    reads = {"track": f"/api/v1/tracking/{received['code']}", "read": f"/api/v1/dossiers/{filed['id']}"}
    bodies = {}
    for name, path in reads.items():
        captured[name], bodies[name] = capture(lambda path=path: call("GET", path, **known))
    captured["queue"], _ = capture(lambda: call("GET", "/api/v1/queue?limit=20", **staff))
    sql("ALTER SYSTEM RESET log_statement")
    sql("SELECT pg_reload_conf()")
    plain = submit("to-be-copied".ljust(32, "-"))
    desk = desk_pages(received["id"], {
        "queue of the desk, HTML": ("/desk?xem=tat-ca", token, b"data-row"),
        "overview of the desk, HTML": ("/desk/tong-quan", signed_in("hcm.truong"), b"<svg"),
    })

    rows = {}
    for name, statements in captured.items():
        (FOLDER / f"{name}.statements").write_text("\n".join(f"{text}\n    {given}" for text, given in statements) + "\n")
    # What was new in each act: ids made by it, its reference, keys and code.
    def new_in(statements, before):
        names = {}
        for text, given in statements:
            for value in given.values():
                if UUID.match(value) and value[1:-1] > before and value[1:-1] not in names:
                    names[value[1:-1]] = f"u{len(names)}"
        return names

    submitted = new_in(captured["submit"], seen["id"])
    # The codes papers are checked by, in the order they were drawn up: of what was filed, of the receipt.
    copy, slip = sql(f"SELECT check_code FROM papers WHERE dossier_id = '{filed['id']}' ORDER BY dossier_version, kind").split()
    submitted |= {filed["id"]: "id", filed["reference"]: "reference", CAPTURED: "key", copy: "check"}
    path = script("submit", captured["submit"], submitted, "s")
    made = new_in(captured["receive"], filed["id"]) | {filed["id"]: "id", filed["reference"]: "reference", received["code"]: "code", "captured-receipt": "key", slip: "check"}
    receipt = script("receive", captured["receive"], made, "r")

    body = quoted(json.dumps(filing))
    lua = f"wrk.method = 'POST'\nwrk.body = {body}\n" + headers({"Content-Type": "application/json"})
    lua += "math.randomseed(os.time())\nlocal start = tostring(math.random(1, 1e9))\nfunction request()\n made = made + 1\n wrk.headers['Idempotency-Key'] = string.format('%s-%032d', start, made)\n return wrk.format(nil, '/api/v1/dossiers')\nend"
    copies("r", 100000, 1, plain["id"])
    for turn, clients in enumerate((8, 32)):
        rows[f"submit, {clients} clients"] = turns(
            lambda _: wrk(BASE, clients, lua, SECONDS // TURNS),
            lambda at, rate: pgbench(path, clients, max(400, int(rate * SECONDS // TURNS)), turn * 10_000_000, at * 30_000))
        # Receipts: every client of pgbench has a row of its own to receive, and so has every request of ours.
        base = (turn + 1) * 10_000_000
        for client in range(clients):
            copies("r", base + client * 100000 + 1, RECEIPTS // clients, plain["id"])
        copies("w", base, RECEIPTS * 3 + 1, plain["id"])
        last = sql(f"SELECT md5('w{base + RECEIPTS * 3}')::uuid")
        receive({"id": last, "version": plain["version"]}, last)
        sql("ANALYZE dossiers")
        send = f"wrk.method = 'POST'\nwrk.body = '{{}}'\n" + headers({"Content-Type": "application/json", "If-Match": '"%d"' % plain["version"], **staff})
        send += f"local ids = {{}}\nfor line in io.lines('{FOLDER / 'ids'}') do ids[#ids + 1] = line end\nfunction request()\n made = made + 1\n wrk.headers['Idempotency-Key'] = ids[made]\n return wrk.format(nil, '/api/v1/dossiers/' .. ids[made] .. '/receipt')\nend"

        def receive_ours(at):
            first = base + at * RECEIPTS
            (FOLDER / "ids").write_text(sql(f"SELECT md5('w' || g)::uuid FROM generate_series({first}, {first + RECEIPTS - 1}) g"))
            return wrk(BASE, clients, send, SECONDS // TURNS)
        each = RECEIPTS // TURNS
        rows[f"receive, {clients} clients"] = turns(receive_ours, lambda at, _: pgbench(receipt, clients, each, base, at * each // clients))
    memory = resident(server)
    for name, address in reads.items():
        statements = []
        for text, given in captured[name]:
            statements.append(re.sub(r"\$(\d+)", lambda m: given[int(m.group(1))], text))
        (FOLDER / "bare.statements").write_text("\n--\n".join(statements))
        (FOLDER / "bare.body").write_bytes(bodies[name])
        bare, _ = start([RELEASE / "examples/bare", f"127.0.0.1:{BARE_PORT}", URL, FOLDER / "bare.statements", FOLDER / "bare.body"], answers(f"http://127.0.0.1:{BARE_PORT}"))
        for clients in (8, 32):
            rows[f"{name}, {clients} clients"] = turns(
                lambda _: wrk(BASE + address, clients, headers(known), SECONDS // TURNS),
                lambda _, rate: wrk(f"http://127.0.0.1:{BARE_PORT}/", clients, headers(known), SECONDS // TURNS)[0])
        bare.kill()
        bare.wait()
    memory = max(memory, resident(server))

    # The queue of this counter, at two sizes. Everything of before would stand in it as well.
    queue = {}
    sql("DELETE FROM dossiers WHERE reference ~ '^[rw]-'")
    has = int(sql(OPEN))
    for size in (10_000, LARGE):
        if size > has:
            copies(f"q{size}", 1, size - has, received["id"], received=True)
        has = max(has, size)
        sql("VACUUM ANALYZE dossiers")
        wrk(BASE + "/api/v1/queue?limit=20", 8, headers(staff), 2)
        _, p50, p99 = wrk(BASE + "/api/v1/queue?limit=20", 8, headers(staff))
        queue[has] = (p50, p99)
    memory = max(memory, resident(server))
    server.send_signal(signal.SIGTERM)
    server.wait()
    times = []
    for _ in range(5):
        server, took = start([MOTCUA, "serve"], answers(BASE), **settings)
        times.append(took)
        server.send_signal(signal.SIGTERM)
        server.wait()
    ready = sorted(times)[2]
    report(rows, {"queue, JSON": queue} | desk, memory, ready, captured)


def report(rows, pages, memory, ready, captured):
    print("| operation | motcua /s | beside /s | ratio | p50 ms | p99 ms |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, (ours, beside, p50, p99) in rows.items():
        print(f"| {name} | {ours:.0f} | {beside:.0f} | {ours / beside:.2f} | {p50:.1f} | {p99:.1f} |")
    print("\n| page | open dossiers | p50 ms | p99 ms |\n|---|---:|---:|---:|")
    for page, sizes in pages.items():
        for size, (p50, p99) in sizes.items():
            print(f"| {page} | {size} | {p50:.2f} | {p99:.2f} |")
    print(f"\nMemory of `serve`: {memory:.0f} MB. Ready after {ready * 1000:.0f} ms on the large database.")
    print("\n| operation | statements |\n|---|---:|")
    for name, statements in captured.items():
        print(f"| {name} | {len(statements)} |")


def stop_all():
    for process in reversed(started):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in started:
        process.wait(60)


if __name__ == "__main__":
    try:
        main()
    finally:
        stop_all()
