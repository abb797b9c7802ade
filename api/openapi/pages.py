# SPDX-License-Identifier: Apache-2.0
"""Static HTML of the API: the reference and the pages of the problem codes. No scripts, one inline style."""
import base64
import hashlib
import json
from html import escape

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1b1b1b;background:#fff}
h1,h2,h3{line-height:1.2}h2{border-bottom:1px solid #888;margin-top:3rem}h3{margin-top:2rem}
code,pre{font:14px/1.4 ui-monospace,monospace;background:#f1f1f1}pre{padding:.75rem;overflow:auto}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.25rem .5rem;text-align:left;vertical-align:top}
nav ul{columns:2}a{color:#0b4f9c}.method{font-weight:bold}
@media(prefers-color-scheme:dark){body{background:#161616;color:#e8e8e8}code,pre{background:#2a2a2a}a{color:#8ec1ff}}
"""


def style_hash():
    return "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def page(title, body):
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n'
            f"<body><main><h1>{escape(title)}</h1>\n{body}\n</main></body></html>\n")


def error_page(code, entry):
    again = "Yes, later." if entry["retryable"] else "No: the same request will get the same answer."
    return page(f'{entry["title"]}', (
        f'<p><code>{code}</code>, status {entry["status"]}</p>\n<h2>What it means</h2><p>{escape(entry["meaning"])}</p>\n'
        f'<h2>What to do</h2><p>{escape(entry["what_to_do"])}</p>\n<h2>Can it be sent again?</h2><p>{again}</p>\n'
        '<p><a href="/docs/errors/">All problems</a> · <a href="/docs/api">The API</a></p>'))


def errors_page(errors):
    rows = "\n".join(
        f'<tr><td><a href="/docs/errors/{code}"><code>{code}</code></a></td><td>{entry["status"]}</td>'
        f'<td>{escape(entry["title"])}</td></tr>' for code, entry in errors.items())
    return page("Problems of the API", f"<table><tr><th>code</th><th>status</th><th>title</th></tr>\n{rows}</table>")


def resolve(document, node):
    while "$ref" in node:
        at = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        node = {**at, **{name: value for name, value in node.items() if name != "$ref"}}
    return node


def schema_link(schema):
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f'<a href="#schema-{name}">{name}</a>'
    if schema.get("type") == "array":
        return "list of " + schema_link(schema.get("items", {}))
    words = schema.get("type", "value" if "enum" not in schema else "one of")
    words = " or ".join(words) if isinstance(words, list) else words
    if "enum" in schema:
        words = "one of " + ", ".join(f"<code>{escape(json.dumps(word))}</code>" for word in schema["enum"])
        return words
    return escape(words)


def content_of(part):
    return ", ".join(f"<code>{escape(kind)}</code>: {schema_link(entry.get('schema', {}))}"
                     for kind, entry in part.get("content", {}).items())


def examples_of(part):
    return "".join(f"<pre>{escape(json.dumps(entry['example'], indent=2, ensure_ascii=False))}</pre>"
                   for entry in part.get("content", {}).values() if "example" in entry)


def parameters_of(document, parameters):
    rows = "".join(
        f"<tr><td><code>{escape(p['name'])}</code></td><td>{p['in']}</td><td>{schema_link(p.get('schema', {}))}</td>"
        f"<td>{escape(p.get('description', ''))}</td></tr>" for p in (resolve(document, p) for p in parameters))
    return f"<table><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>{rows}</table>" if rows else ""


def operation_html(document, path, method, operation):
    out = [f'<h3 id="{operation["operationId"]}"><span class="method">{method.upper()}</span> '
           f"<code>{escape(path)}</code></h3>",
           f'<p><b>{escape(operation["summary"])}.</b> {escape(operation.get("description", ""))}</p>',
           f'<p>Permission: <code>{operation["x-permission"]}</code></p>']
    out.append(parameters_of(document, operation.get("parameters", [])))
    if "requestBody" in operation:
        out.append(f'<p>Body: {content_of(operation["requestBody"])}</p>{examples_of(operation["requestBody"])}')
    rows = ""
    for status, answer in operation["responses"].items():
        answer = resolve(document, answer)
        shape = content_of(answer) if status < "400" else ""
        rows += f"<tr><td>{status}</td><td>{escape(answer['description'])} {shape}</td></tr>"
    out.append(f"<table><tr><th>status</th><th>answer</th></tr>{rows}</table>")
    return "\n".join(out)


def schema_html(name, schema):
    required = set(schema.get("required", []))
    rows = "".join(
        f"<tr><td><code>{escape(member)}</code></td><td>{schema_link(value)}</td>"
        f"<td>{'always' if member in required else ''}</td><td>{escape(value.get('description', ''))}</td></tr>"
        for member, value in schema.get("properties", {}).items())
    table = f"<table><tr><th>member</th><th>type</th><th></th><th></th></tr>{rows}</table>" if rows else ""
    kind = "" if rows else f"<p>{schema_link(schema)}</p>"
    return f'<h3 id="schema-{name}">{name}</h3><p>{escape(schema.get("description", ""))}</p>{kind}{table}'


def reference(document):
    methods = ("get", "post", "put", "patch", "delete")
    operations = [(path, method, item[method]) for path, item in document["paths"].items()
                  for method in methods if method in item]
    links = "\n".join(f'<li><a href="#{operation["operationId"]}">{method.upper()} {escape(path)}</a></li>'
                      for path, method, operation in operations)
    out = [f'<p>{escape(document["info"]["description"])}</p>',
           '<p><a href="/api/v1/openapi.json">The same as an OpenAPI 3.1 document</a> · '
           '<a href="/docs/errors/">Problems</a></p>', f"<nav><ul>{links}</ul></nav>"]
    for tag in document["tags"]:
        out.append(f'<h2 id="tag-{tag["name"]}">{tag["name"]}</h2><p>{escape(tag["description"])}</p>')
        out += [operation_html(document, *entry) for entry in operations if entry[2]["tags"] == [tag["name"]]]
    out.append("<h2>Shapes</h2>")
    out += [schema_html(name, schema) for name, schema in document["components"]["schemas"].items()]
    return page("The HTTP API of this node", "\n".join(out))
