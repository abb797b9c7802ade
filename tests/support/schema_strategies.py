# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies out of the schemas of an OpenAPI document: what fits a schema, and what nearly does.

The keywords that our document uses; another one is an error, so that nothing is silently not generated.
"""
from hypothesis import strategies as st

ANNOTATIONS = {"description", "title", "default", "example", "examples", "format", "writeOnly", "readOnly",
               "deprecated", "$comment", "contentEncoding", "contentMediaType"}
KNOWN = ANNOTATIONS | {"$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf", "properties", "required",
                       "additionalProperties", "minProperties", "items", "minItems", "maxItems", "uniqueItems",
                       "pattern", "minLength", "maxLength", "minimum", "maximum"}
INTEGER_MAX = 2**53 - 1
ARRAY_ITEMS_MAX = 4
EXTRA_PROPERTIES_MAX = 2

TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2**70, 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8)


class Schemas:
    def __init__(self, document):
        self._document = document

    def fitting(self, schema):
        """Values that the schema allows."""
        schema = self._document.resolve(schema)
        unknown = set(schema) - KNOWN
        assert not unknown, f"schema keywords without a strategy: {sorted(unknown)}"
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return st.one_of([self.fitting(each) for each in schema[word]])
        if "allOf" in schema:
            return st.tuples(*map(self.fitting, schema["allOf"])).map(
                lambda parts: {name: value for part in parts for name, value in part.items()})
        kinds = schema.get("type", "any")
        return st.one_of([self._of_type(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)])

    def _of_type(self, kind, schema):
        if kind == "object":
            return self._objects(schema)
        if kind == "array":
            least = schema.get("minItems", 0)
            most = max(least, min(schema.get("maxItems", ARRAY_ITEMS_MAX), ARRAY_ITEMS_MAX))
            return st.lists(self.fitting(schema.get("items", {})), min_size=least, max_size=most,
                            unique_by=repr if schema.get("uniqueItems") else None)
        if kind == "string":
            return self._strings(schema)
        if kind == "integer":
            return st.integers(schema.get("minimum", -INTEGER_MAX), schema.get("maximum", INTEGER_MAX))
        return {"boolean": st.booleans(), "null": st.none(), "any": ANY_JSON}[kind]

    @staticmethod
    def _strings(schema):
        if "pattern" in schema:
            return st.from_regex(schema["pattern"].replace("$", r"\Z"), fullmatch=False).filter(
                lambda text: len(text) <= schema.get("maxLength", 4096))
        least = schema.get("minLength", 0)
        return st.text(st.characters(blacklist_categories=("Cs",)), min_size=least,
                       max_size=min(schema.get("maxLength", least + 40), least + 40))

    def _objects(self, schema):
        properties, required = schema.get("properties", {}), schema.get("required", [])
        strategies = {name: self.fitting(value) for name, value in properties.items()}
        known = st.fixed_dictionaries({name: strategies[name] for name in required},
                                      optional={name: each for name, each in strategies.items()
                                                if name not in required})
        if not properties and schema.get("additionalProperties", True) is not False:
            return st.dictionaries(TEXT, ANY_JSON, max_size=EXTRA_PROPERTIES_MAX)
        return known.filter(lambda value: len(value) >= schema.get("minProperties", 0))

    def near(self, schema):
        """Values that the schema allows but for one thing, and values that have nothing to do with it."""
        return st.one_of(self.fitting(schema).flatmap(_spoiled), ANY_JSON)


def _spoiled(value):
    if not isinstance(value, dict) or not value:
        return ANY_JSON
    names = st.sampled_from(sorted(value))
    without = names.map(lambda name: {key: each for key, each in value.items() if key != name})
    other = st.tuples(names, ANY_JSON).map(lambda change: {**value, change[0]: change[1]})
    more = st.tuples(TEXT, ANY_JSON).map(lambda extra: {**value, extra[0]: extra[1]})
    return st.one_of(without, other, more)
