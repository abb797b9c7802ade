# SPDX-License-Identifier: Apache-2.0
"""Walls: which room may include which room and which library, and what keeps core/ pure."""
import re

from .tree import Violation, code_only, is_test

# The picture of docs/ARCHITECTURE.md as a table. A new arrow is a decision: it needs an ADR.
ROOMS = {
    "core": {"core"},
    "verify": {"verify", "core"},
    "store": {"store", "core"},
    "anchor": {"anchor", "core"},
    "people": {"people", "core"},
    "api": {"api", "core"},
    "node": {"node", "core", "verify", "store", "anchor", "people", "api"},
}

# Third-party libraries by the first part of <…>, and the rooms whose .cpp files may include them.
# One library per job (docs/dependencies.md), so most have one room.
LIBRARIES = {
    "CLI": {"verify", "node"},
    "cryptopp": {"core", "node"},
    "curl": {"anchor"},
    "fmt": {"node", "api", "anchor", "store", "people"},
    "httplib.h": {"api", "node"},
    "liboath": {"people"},
    "nlohmann": {"core", "verify", "api", "node", "anchor", "people"},
    "openssl": {"core", "node"},
    "p11-kit": {"node"},
    "prometheus": {"node"},
    "rocksdb": {"store"},
    "secp256k1.h": {"core", "node"},
    "secp256k1_extrakeys.h": {"core", "node"},
    "secp256k1_recovery.h": {"core", "node"},
    "sodium.h": {"core", "node", "people"},
    "spdlog": {"node"},
    "toml++": {"node"},
}
TEST_LIBRARIES = {"gtest", "gmock", "benchmark", "fuzzer"}
SYSTEM_DIRECTORIES = {"sys", "netinet", "arpa", "net", "linux", "asm"}
GENERATED = {"fieldseal_nginx.h", "fieldseal_version.h"}

# core/ has no files, sockets, threads, clocks, randomness or environment (DESIGN: rooms).
IMPURE_HEADERS = {
    "thread", "mutex", "shared_mutex", "condition_variable", "future", "semaphore", "latch", "barrier",
    "stop_token", "fstream", "filesystem", "iostream", "random", "ctime", "time.h", "fcntl.h", "unistd.h",
    "pthread.h", "dlfcn.h", "signal.h", "csignal", "poll.h", "netdb.h", "openssl/rand.h", "cryptopp/osrng.h",
    "cryptopp/files.h",
}
IMPURE_WORDS = re.compile(
    r"\b(?:system_clock|steady_clock|high_resolution_clock|utc_clock|random_device|getenv|fopen|"
    r"randombytes_\w+|RAND_(?:priv_)?bytes|AutoSeededRandomPool|sodium_mlock)\b|\b(?:std::)?(?:rand|time)\(")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(["<])([^">]+)[">]', re.MULTILINE)


def rules(tree):
    for path in tree.cpp():
        room = path.split("/", 1)[0]
        text = tree.text(path)
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(2)) + 1
            check = _own_include if match.group(1) == '"' else _library_include
            message = check(path, room, match.group(2))
            if message:
                yield Violation(path, line, "walls", message)
        if room == "core" and not is_test(path):
            yield from _purity(path, text)


def _own_include(path, room, target):
    if target in GENERATED:
        return None
    other = target.split("/", 1)[0]
    if "/" not in target or (other not in ROOMS and other != "tests"):
        return f'include "{target}" by its path from the root of the tree'
    if room == "tests":
        return None
    if other == "tests":
        return None if is_test(path) else "only tests include tests/"
    if room not in ROOMS:
        return f"{room}/ is not a room in scripts/checks/walls.py"
    if other not in ROOMS[room]:
        return f"{room}/ must not include {other}/ (it may include: {', '.join(sorted(ROOMS[room]))})"
    return None


def _library_include(path, room, target):
    library = target.split("/", 1)[0]
    if library == "fieldseal" and path.startswith("verify/example/"):
        return None  # an example is written as an outsider would: against the installed header
    if library in TEST_LIBRARIES:
        return None if is_test(path) else f"<{target}> is for tests"
    if library not in LIBRARIES:
        if "/" in target and library not in SYSTEM_DIRECTORIES:
            return f"<{target}>: {library} is not a library in scripts/checks/walls.py"
        return None
    if is_test(path):
        return None
    if path.endswith(".h"):
        return f"<{target}> belongs in a .cpp: headers stay light and free of third-party types"
    if room not in LIBRARIES[library]:
        return f"{room}/ must not use {library} (it belongs to: {', '.join(sorted(LIBRARIES[library]))})"
    return None


def _purity(path, text):
    for match in INCLUDE.finditer(text):
        target = match.group(2)
        if target in IMPURE_HEADERS or target.split("/", 1)[0] in SYSTEM_DIRECTORIES:
            line = text.count("\n", 0, match.start(2)) + 1
            yield Violation(path, line, "purity", f"core/ is pure: <{target}> does not belong there")
    for match in IMPURE_WORDS.finditer(code_only(text)):
        line = text.count("\n", 0, match.start()) + 1
        yield Violation(path, line, "purity", f"core/ is pure: pass the value in instead of {match.group()}")
