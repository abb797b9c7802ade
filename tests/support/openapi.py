# SPDX-License-Identifier: Apache-2.0
"""The node's OpenAPI document as tests use it: its operations, and answers checked against it (python3-jsonschema)."""
import dataclasses
import json
import re

import jsonschema

METHODS = ("get", "post", "put", "patch", "delete")


@dataclasses.dataclass
class Operation:
    method: str
    path: str
    needs: str  # its permission
    parameters: list
    body: dict | None  # the requestBody
    answers: dict      # by status

    def __str__(self):
        return f"{self.method} {self.path}"

    @property
    def is_upload(self):
        return self.body is not None and "application/json" not in self.body["content"]

    def body_schema(self):
        return None if self.body is None or self.is_upload else self.body["content"]["application/json"]["schema"]

    def takes(self, path):
        """Whether a path is one of this operation's."""
        return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.path)), path) is not None

    def at(self, values, default="no-such-thing"):
        """The path with its parameters filled in."""
        path = self.path
        for parameter in self.parameters:
            if parameter["in"] == "path":
                path = path.replace("{%s}" % parameter["name"], values.get(parameter["name"], default))
        return path


class Document:
    def __init__(self, text):
        self.root = json.loads(text)
        self._resolver = jsonschema.RefResolver("", self.root)

    def resolve(self, node):
        while "$ref" in node:
            at = self.root
            for part in node["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            node = at
        return node

    def operations(self):
        for path, item in self.root["paths"].items():
            for method in METHODS:
                if method not in item:
                    continue
                entry = item[method]
                parameters = [self.resolve(p) for p in item.get("parameters", []) + entry.get("parameters", [])]
                answers = {int(status): self.resolve(answer) for status, answer in entry["responses"].items()}
                yield Operation(method.upper(), path, entry["x-permission"], parameters, entry.get("requestBody"),
                                answers)

    def check(self, operation, answer):
        """What is wrong with an answer, as a list of sentences."""
        if answer.status not in operation.answers:
            return [f"status {answer.status} is not documented"]
        content = operation.answers[answer.status].get("content", {})
        if list(content) == ["application/problem+json"] and answer.media_type != "application/problem+json":
            return [f"a {answer.status} of type {answer.media_type!r} is not a problem"]
        if not content or not answer.body:
            return []
        if answer.media_type not in content:
            return [f"{answer.media_type!r} is not among {sorted(content)}"]
        if not answer.media_type.endswith("json"):
            return []
        validator = jsonschema.Draft202012Validator(content[answer.media_type].get("schema", {}),
                                                    resolver=self._resolver)
        return [f"{answer.status}: {error.json_path}: {error.message[:300]}"
                for error in validator.iter_errors(answer.json())]
