"""A real mail server for tests: aiosmtpd on loopback.

python smtp_server.py PORT [CERTIFICATE KEY]

Prints one JSON line per event: {"ready": port}, then {"to", "tls", "answer", "data"} per message.
With a certificate it insists on STARTTLS. It turns the first message away with 451, and every
message to an address that begins with "nobody" for good with 550.
"""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP


class Handler:
    def __init__(self):
        self.seen = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such mailbox: " + address
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.seen += 1
        answer = "451 4.3.0 try again later" if self.seen == 1 else "250 2.0.0 taken"
        say(to=envelope.rcpt_tos, tls=session.ssl is not None, answer=answer, data=envelope.content.decode("ascii"))
        return answer


def say(**event):
    print(json.dumps(event), flush=True)


async def main():
    port, files = int(sys.argv[1]), sys.argv[2:]
    tls = None
    if files:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*files)
    handler = Handler()
    make = lambda: SMTP(handler, tls_context=tls, require_starttls=tls is not None, hostname="localhost")
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port)
    say(ready=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
