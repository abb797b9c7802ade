#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/demo_tsa.py DIRECTORY: a time-stamping authority on loopback for scripts/demo --token. OpenSSL does the work
(`openssl ts`); this makes its certificates, DIRECTORY/tsa-root.pem among them, and takes requests over HTTP (RFC 3161
§3.4). Prints its URL."""
import http.server
import pathlib
import subprocess
import sys

POLICY = "1.3.6.1.4.1.99999.1"
REQUEST_BYTES_MAX = 4096
CONFIG = f"""
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[stamping]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
signer_key = tsa-key.pem
certs = tsa-root.pem
signer_digest = sha256
default_policy = {POLICY}
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def openssl(directory, *arguments):
    done = subprocess.run(["openssl", *arguments], cwd=directory, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"openssl {' '.join(arguments)}: {done.stderr.decode()}")


def make_certificates(directory):
    (directory / "tsa.cnf").write_text(CONFIG, encoding="ascii")
    (directory / "serial").write_text("01\n", encoding="ascii")
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30")
    openssl(directory, "req", "-x509", *new_key, "-keyout", "root-key.pem", "-out", "tsa-root.pem",
            "-subj", "/O=Post of the demo/CN=Root", "-config", "tsa.cnf", "-extensions", "ca")
    openssl(directory, "req", "-x509", *new_key, "-keyout", "tsa-key.pem", "-out", "tsa.pem", "-CA", "tsa-root.pem",
            "-CAkey", "root-key.pem", "-subj", "/O=Post of the demo/CN=Time-stamps", "-config", "tsa.cnf",
            "-extensions", "stamping")


class Authority(http.server.BaseHTTPRequestHandler):
    directory = None

    def do_POST(self):
        size = int(self.headers.get("Content-Length", "0"))
        if size > REQUEST_BYTES_MAX:
            self.send_error(413)
            return
        (self.directory / "request.tsq").write_bytes(self.rfile.read(size))
        openssl(self.directory, "ts", "-reply", "-config", "tsa.cnf", "-section", "here", "-queryfile", "request.tsq",
                "-out", "reply.tsr")
        reply = (self.directory / "reply.tsr").read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


def main(directory):
    Authority.directory = pathlib.Path(directory)
    make_certificates(Authority.directory)
    server = http.server.HTTPServer(("127.0.0.1", 0), Authority)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
