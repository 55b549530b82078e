"""What pyHanko says of each signature of a file: parties.py FILE ROOT.pem"""

import logging
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

# It warns with a stack of calls for each signature that is wrong; that is what is asked here.
logging.disable(logging.CRITICAL)

root = load_cert_from_pemder(sys.argv[2])
with open(sys.argv[1], "rb") as file:
    for signature in PdfFileReader(file).embedded_signatures:
        context = ValidationContext(trust_roots=[root], allow_fetching=False)
        status = validate_pdf_signature(signature, context, ts_validation_context=context)
        stamp = status.timestamp_validity
        print(
            f"intact={status.intact} valid={status.valid} trusted={status.trusted} sound={status.bottom_line}"
            f" {status.coverage.name} {status.modification_level and status.modification_level.name}"
            f" stamped={bool(stamp and stamp.intact and stamp.valid and stamp.trusted)}"
        )
