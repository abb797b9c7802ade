# SPDX-License-Identifier: Apache-2.0
"""Plants one violation of each rule in a temporary tree, and near misses beside them. scripts/check must
report exactly the planted ones: a rule that never fires, or fires on good code, fails here."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

CPP = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = CPP + "#pragma once\n"
HASH = "# SPDX-License-Identifier: Apache-2.0\n"
SH = "#!/usr/bin/env bash\n" + HASH
# Split, so that this file itself does not look like a secret or a marker.
PEM = "-----BEGIN " + "PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n"
MARK = "TO" + "DO"

# path, content, the (line, rule) pairs expected.
PLANTED = [
    ("CMakeLists.txt", HASH + "project(x VERSION 0.1.0)\n", []),
    ("CHANGELOG.md", "# 0.0.9\n", [(1, "changelog")]),
    # walls
    ("core/clean.cpp", CPP + '#include "core/clean.h"\n\n#include <openssl/evp.h>\n\n#include <string>\n', []),
    ("core/clean.h", HEADER + "#include <string>\n", []),
    ("core/up.cpp", CPP + '#include "store/log.h"\n', [(2, "walls")]),
    ("store/log.h", HEADER, []),
    ("store/sideways.cpp", CPP + '#include "anchor/target.h"\n', [(2, "walls")]),
    ("anchor/target.h", HEADER + "#include <curl/curl.h>\n", [(3, "walls")]),
    ("verify/network.cpp", CPP + "#include <curl/curl.h>\n", [(2, "walls")]),
    ("verify/sideways.cpp", CPP + '#include "node/config.h"\n', [(2, "walls")]),
    ("node/config.h", HEADER, []),
    ("node/root.cpp", CPP + '#include "anchor/target.h"\n#include "store/log.h"\n', []),
    ("node/bare.cpp", CPP + '#include "config.h"\n', [(2, "walls")]),
    ("node/unknown.cpp", CPP + "#include <boost/asio.hpp>\n", [(2, "walls")]),
    ("api/asks_tests.cpp", CPP + '#include "tests/support/x.h"\n', [(2, "walls")]),
    ("api/route_test.cpp", CPP + "#include <gtest/gtest.h>\n", []),
    ("store/gtest_in_product.cpp", CPP + "#include <gtest/gtest.h>\n", [(2, "walls")]),
    # purity of core
    ("core/thread.cpp", CPP + "#include <thread>\n", [(2, "purity")]),
    ("core/clock.cpp", CPP + "auto f() {\n    return std::chrono::steady_clock::now();\n}\n", [(3, "purity")]),
    ("core/random.cpp", CPP + "void g(void* p) {\n    randombytes_buf(p, 8);\n}\n", [(3, "purity")]),
    ("core/speaks_of.cpp", CPP + '// the steady_clock is not used\nconst char* s = "getenv";\n', []),
    ("core/clock_test.cpp", CPP + "#include <fstream>\n", []),
    # sizes
    ("core/long.cpp", CPP + "// line\n" * 600, [(601, "size")]),
    ("core/long_function.cpp", CPP + "int f() {\n" + "    g();\n" * 70 + "    return 1;\n}\n", [(2, "size")]),
    ("core/fits.cpp", CPP + "int f() {\n" + "    g();\n" * 68 + "    return 1;\n}\n", []),
    ("core/long_class.cpp", CPP + "// A type, not a function.\ntemplate <class T>\nclass A {\n    void f() {\n        g();\n        g();\n    }\n"
                            + "    int a;\n" * 80 + "};\n", []),
    ("core/long_member.cpp", CPP + "class A {\n    void f() {\n" + "        g();\n" * 71 + "    }\n};\n",
     [(3, "size")]),
    ("core/README.md", "line\n" * 16, [(16, "size")]),
    # names and words
    ("core/key_utils.cpp", CPP, [(1, "name")]),
    ("core/marker.cpp", CPP + f"// {MARK}: later\n", [(2, "word")]),
    ("core/namespace.h", HEADER + "using namespace std;\n", [(3, "word")]),
    ("core/unguarded.h", CPP, [(1, "header")]),
    ("store/prints.cpp", CPP + 'void f() {\n    std::cout << "x";\n}\n', [(3, "word")]),
    ("store/asserts.cpp", CPP + "void f() {\n    assert(true);\n}\nstatic_assert(true);\n", [(3, "word")]),
    ("store/wait_test.cpp", CPP + "void f() {\n    std::this_thread::sleep_for(1s);\n}\n", [(3, "word")]),
    ("anchor/clock.cpp", CPP + "auto t = std::chrono::system_clock::now();\n", [(2, "word")]),
    ("anchor/old_code.cpp", CPP + "// return f(x);\n// Returns f(x): see above.\n", [(2, "word")]),
    ("node/key.cpp", CPP + 'auto k = R"(' + PEM + ')";\n', [(2, "secret")]),
    # papers
    ("core/nolicence.cpp", "int x;\n", [(1, "licence")]),
    ("docs/a.md", "# A title\n\n[b](b.md) [b](b.md#second-part) [web](https://x.org)\n"
                  "[gone](gone.md)\n[b](b.md#third-part)\n```\n[code](nowhere.md)\n```\n",
     [(4, "link"), (5, "link")]),
    ("docs/b.md", "# B\n## Second part\n", []),
    # tools and shell
    ("scripts/foreign", SH + "python3 x.py\n/usr/bin/python3 x.py\n", [(3, "tool")]),
    ("scripts/sloppy", SH + 'rm "$1"\nrm $1\n', [(4, "note")]),
    # formatting
    ("core/format.cpp", CPP + "int   x;\n", [(2, "format")]),
]


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory(prefix="fieldseal-check-") as place:
        root = pathlib.Path(place)
        subprocess.run(["git", "init", "-q", place], check=True)
        for part in ("checks", "packages"):
            shutil.copytree(here / part, root / "scripts" / part, ignore=shutil.ignore_patterns("__pycache__"))
        for script in ("check", "setup"):
            shutil.copy(here / script, root / "scripts")
        shutil.copy(here.parent / ".clang-format", root)
        expected = set()
        for path, content, found in PLANTED:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(content)
            expected |= {f"{path}:{line}: {rule}" for line, rule in found}
        run = subprocess.run(["bash", "scripts/check"], cwd=root, capture_output=True, text=True, check=False,
                             env={**os.environ, "GIT_DIR": str(root / ".git")})
        reported = {_key(line) for line in run.stdout.splitlines() if ": " in line and "findings" not in line}
        missed, wrong = expected - reported, reported - expected
        for line in sorted(missed):
            print(f"self-test: planted and not reported: {line}")
        for line in sorted(wrong):
            print(f"self-test: reported and not planted: {line}")
        if missed or wrong or run.returncode != 1:
            print(f"self-test: scripts/check exited {run.returncode}\n{run.stderr}")
            return 1
    print(f"scripts/check: self-test found all {len(expected)} planted violations and nothing else")
    return 0


def _key(line):
    """file:line: rule, of either our form or shellcheck's file:line:column: level."""
    parts = line.split(":")
    rule = parts[2] if parts[2].startswith(" ") else parts[3]
    return f"{parts[0]}:{parts[1]}:{rule}"


if __name__ == "__main__":
    sys.exit(main())
