#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""fieldseal_verify.py DOCUMENT EVIDENCE TRUST [NOW]: a second verifier, from docs/formats alone.

This is verdict.py with all that later pages add to it. README.md says which module is which page.
"""
import sys

import certificates
import chains
import rotation
import time_stamp
import verdict

for page in (rotation, chains, time_stamp, certificates):
    page.add()


class Case(certificates.WithCertificates, time_stamp.WithTimeStamps, chains.WithChains,
           verdict.Case):
    """One statement, before one trust file, by all pages."""


def verify(*given):
    return verdict.verify(*given, kind=Case)


exit_code = verdict.exit_code


if __name__ == "__main__":
    sys.exit(verdict.main(*sys.argv[1:], kind=Case) if len(sys.argv) in (4, 5) else __doc__)
