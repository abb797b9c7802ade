#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""fieldseal_verify.py DOCUMENT EVIDENCE TRUST [NOW]: a second verifier, from docs/formats alone.

NOW: POSIX seconds. Prints the verdict, the reason, not-before and not-after.

This is verdict.py with all that later pages add to it. README.md says which module is which page.
"""
import hashlib
import pathlib
import sys
import time

import certificates
import chains
import rotation
import time_stamp
import verdict

for page in (rotation, chains, time_stamp, certificates):
    page.add()


class Case(certificates.WithCertificates, time_stamp.WithTimeStamps, chains.WithChains, verdict.Case):
    """One statement, before one trust file, by all pages."""


def verify(*given):
    return verdict.verify(*given, kind=Case)


exit_code = verdict.exit_code


def main(*arguments):
    document, *files = (pathlib.Path(name).read_bytes() for name in arguments[:3])
    digests = [hashlib.new(name, document).digest() for name in ("sha256", "sha512")]
    found = verify(*digests, *files, int([*arguments, time.time()][3]))
    print(*found[:4])
    return exit_code(*found[:2])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (4, 5) else __doc__)
