# SPDX-License-Identifier: Apache-2.0
"""The merged OpenAPI document: complete, consistent, its examples valid; every code the program sends has a page.

document_test.py OPENAPI_JSON SOURCE_ROOT
"""
import json
import pathlib
import re
import sys
import unittest

import jsonschema

METHODS = ("get", "post", "put", "patch", "delete")
DOCUMENT = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
ROOT = pathlib.Path(sys.argv[2])
ERRORS = json.loads((ROOT / "api/openapi/errors.json").read_text(encoding="utf-8"))
SENT_CODE = re.compile(r'\bproblem\(\s*(\d{3}|\w+(?:\.\w+)?),\s*"([^"]+)"')


def operations():
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", path, item, item[method]


def resolve(node):
    while "$ref" in node:
        at = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        node = at
    return node


def validator(schema):
    resolver = jsonschema.RefResolver("", DOCUMENT)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


class Document(unittest.TestCase):
    def test_every_schema_is_one(self):
        for name, schema in DOCUMENT["components"]["schemas"].items():
            with self.subTest(name):
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_every_operation_has_a_name_of_its_own_and_a_summary(self):
        names = [operation["operationId"] for _, _, _, operation in operations()]
        self.assertEqual(sorted(names), sorted(set(names)))
        for what, _, _, operation in operations():
            self.assertTrue(operation["summary"], what)

    def test_path_parameters_are_declared_and_required(self):
        for what, path, item, operation in operations():
            parameters = [resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
            declared = {p["name"] for p in parameters if p["in"] == "path"}
            self.assertEqual(declared, set(re.findall(r"\{(\w+)\}", path)), what)
            self.assertTrue(all(p["required"] for p in parameters if p["in"] == "path"), what)

    def test_every_operation_answers_something_good_and_says_what_goes_wrong(self):
        for what, path, _, operation in operations():
            statuses = set(operation["responses"])
            self.assertTrue(any(status < "300" for status in statuses), what)
            self.assertLessEqual({"400", "421", "429", "431", "500", "503"}, statuses, what)
            if operation["x-permission"] != "anyone":
                self.assertIn("401", statuses, what)
            if operation["x-permission"] not in ("anyone", "self"):
                self.assertIn("403", statuses, what)

    def test_examples_are_valid(self):
        for what, _, _, operation in operations():
            parts = [operation.get("requestBody", {}), *map(resolve, operation["responses"].values())]
            for entry in (entry for part in parts for entry in part.get("content", {}).values()):
                if "example" in entry:
                    with self.subTest(what):
                        validator(entry["schema"]).validate(entry["example"])

    def test_bodies_of_orders_refuse_unknown_members(self):
        for what, _, _, operation in operations():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is not None:
                schema = resolve(content["schema"])
                self.assertIs(schema.get("additionalProperties"), False, what)


class Codes(unittest.TestCase):
    def test_every_code_that_the_program_sends_has_a_page(self):
        sent = {}
        for path in [*ROOT.glob("api/*.cpp"), *ROOT.glob("node/*.cpp")]:
            if not path.name.endswith("_test.cpp"):
                for _, code in SENT_CODE.findall(path.read_text(encoding="utf-8")):
                    sent.setdefault(code, path.name)
        self.assertGreater(len(sent), 8)
        missing = {code: name for code, name in sent.items() if code not in ERRORS}
        self.assertEqual(missing, {}, "add these codes to api/openapi/errors.json")

    def test_every_code_says_what_it_means_and_what_to_do(self):
        for code, entry in ERRORS.items():
            self.assertEqual(set(entry), {"status", "retryable", "title", "meaning", "what_to_do"}, code)
            self.assertRegex(code, r"^[a-z]+(-[a-z]+)*$")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
