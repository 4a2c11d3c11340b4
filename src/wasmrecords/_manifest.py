"""The manifest: what a module says of itself, in a custom section, read without running it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn, TypeVar

from . import _members
from ._errors import ModuleError
from ._members import Members, Wrong
from ._text import clean_repr, clean_text, closest

SECTION = "wasmrecords.manifest"
_LARGEST = 1024 * 1024
_MOST_TRANSFORMS = 256
_MOST_FUNCTIONS = 1024
_MOST_PARAMETERS = 64
_MOST_OUTPUTS = 16
_LONGEST_TYPE = 2000
_WHITE = re.compile(r"[ \t\r\n]*")
_JOINED = ("transforms", "functions")
_ALIKE = (
    *("name", "version", "description", "input", "output", "outputs", "config_schema", "input_schema"),
    *("output_schema", "capabilities", "stateful", "sdk"),
)
"""Members that are the same in each object that has them."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """A parameter of a function: its name, and the JSON Schema of its values."""

    name: str
    schema: Any = None


@dataclass(frozen=True, slots=True)
class OptionInfo:
    """A member of a config: its name, its type in words, its default (None if it has none, or the manifest
    does not say), whether it is required, and the author's description of it."""

    name: str
    type: str
    default: Any = None
    required: bool = False
    description: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionInfo:
    """A function of a module, as its manifest describes it. ``result`` is the JSON Schema of what it returns,
    None if the manifest has none. ``str()`` is ``multiply(a: int, b: int) -> int``."""

    name: str
    description: str | None = None
    parameters: tuple[ParameterInfo, ...] = ()
    result: Any = None

    def __str__(self) -> str:
        parameters = (f"{item.name}: {type_of(item.schema)}" for item in self.parameters)
        return f"{self.name}({', '.join(parameters)}) -> {type_of(self.result)}"


@dataclass(frozen=True, slots=True)
class TransformInfo:
    """A transform of a module, as its manifest describes it: the JSON Schemas of its config and its records,
    None where there is none; the capabilities that it wants; whether it keeps state from batch to batch; the
    names of its outputs. The first of these is ``main``, which ``output_schema`` describes."""

    name: str
    description: str | None = None
    config_schema: Any = None
    input_schema: Any = None
    output_schema: Any = None
    capabilities: tuple[str, ...] = ()
    stateful: bool = False
    outputs: tuple[str, ...] = ("main",)

    @property
    def reads(self) -> str:
        """The type of its records in words, as ``{id: u32, name: str, tags?: list[str]}``."""
        return type_of(self.input_schema)

    @property
    def writes(self) -> str:
        """The type of its output records, in the same words."""
        return type_of(self.output_schema)

    @property
    def options(self) -> tuple[OptionInfo, ...] | None:
        """The members of its config, None if the manifest does not say."""
        return _options(self.config_schema)


class Manifest(NamedTuple):
    """What docs/abi.md lists, with its defaults. Texts are cleaned and cut; schemas are JSON values."""

    name: str = "module"
    version: str | None = None
    description: str | None = None
    input: tuple[str, ...] = ("ndjson",)
    output: tuple[str, ...] = ("ndjson",)
    outputs: tuple[str, ...] = ("main",)
    config_schema: Any = None
    input_schema: Any = None
    output_schema: Any = None
    capabilities: tuple[str, ...] = ()
    stateful: bool = False
    sdk: str | None = None
    transforms: tuple[TransformInfo, ...] = ()
    functions: tuple[FunctionInfo, ...] = ()

    def of_transform(self, name: str | None) -> Manifest:
        """The manifest as far as it is about one transform. ``name`` may be None unless there are several.

        Raises :class:`ModuleError` that lists them.
        """
        if not self.transforms:
            if self.functions:
                raise ModuleError(
                    f"the module {self.name} has functions and no transform: "
                    f"wasmrecords.functions(...).{self.functions[0].name}(...) calls one in Python"
                )
            if name is not None:
                raise ModuleError(
                    f"the module {self.name} has one transform without a name: load it without "
                    f"transform={clean_repr(name)} (--transform)"
                )
            return self
        names = [transform.name for transform in self.transforms]
        if name is None:
            if len(names) == 1:
                return self.of_the_only_one()
            raise ModuleError(
                f"the module {self.name} has {len(names)} transforms: choose one of {_listed(names)} with "
                f"transform={names[0]!r} (--transform {names[0]})"
            )
        for transform in self.transforms:
            if transform.name == name:
                return self._with(transform)
        raise ModuleError(f"the module {self.name} has no transform {clean_repr(name)}{nearest(name, names)}")

    def of_functions(self) -> Manifest:
        """The manifest as far as it is about functions. Raises :class:`ModuleError` if there are none."""
        if not self.functions:
            raise ModuleError(
                f"the module {self.name} has no functions (functions in its manifest): load() runs transforms"
            )
        ndjson = ("ndjson",)
        return self._replace(
            config_schema=None, stateful=False, input=ndjson, output=ndjson, outputs=("main",)
        )

    def of_the_only_one(self) -> Manifest:
        """The manifest of the only transform where there is exactly one, else of the whole module."""
        return self._with(self.transforms[0]) if len(self.transforms) == 1 else self

    def _with(self, transform: TransformInfo) -> Manifest:
        return self._replace(
            config_schema=transform.config_schema,
            input_schema=transform.input_schema,
            output_schema=transform.output_schema,
            capabilities=transform.capabilities,
            stateful=transform.stateful,
            outputs=transform.outputs,
        )


def type_of(schema: Any) -> str:
    """The type that a schema describes in words, on one line, ``Any`` if it says more than types do."""
    from ._kinds import kind_of  # here: a run of records needs no types

    return clean_text(kind_of(schema).text, _LONGEST_TYPE)


def _options(schema: Any) -> tuple[OptionInfo, ...] | None:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return None
    listed = schema.get("required")
    needed = {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
    found = []
    for name, inner in properties.items():
        says = inner if isinstance(inner, dict) else {}
        about = says.get("description")
        found.append(
            OptionInfo(
                clean_text(name, 64),
                type_of(inner),
                says.get("default"),
                name in needed,
                _members.prose(says, "description") if isinstance(about, str) else None,
            )
        )
    return tuple(found)


def nearest(name: str, names: list[str]) -> str:
    """The end of a message about an unknown name: the nearest of ``names``, or all of them."""
    near = closest(name, names)
    return f"; did you mean {near!r}?" if near else f"; it has {_listed(names)}"


def _listed(names: list[str], most: int = 20) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def read_manifest(content: bytes, offset: int = 0) -> Manifest:
    """The manifest in a section's content, which begins at byte ``offset`` of the module: one JSON object, or
    several behind each other, which linkers put there.

    Members that are unknown are for later versions and passed over. Raises :class:`ModuleError`.
    """
    if len(content) > _LARGEST:
        raise ModuleError(
            f"the manifest: expected at most 1 MiB, found {len(content):,} bytes", offset=offset
        )
    try:
        parts = _parts(content.decode())
        return _manifest(_merged(parts))
    except UnicodeDecodeError as error:
        raise ModuleError("the manifest: expected UTF-8", offset=offset + error.start) from None
    except json.JSONDecodeError as error:
        place = offset + len(error.doc[: error.pos].encode())
        raise ModuleError(f"the manifest: not JSON: {error.msg}", offset=place) from None
    except (ValueError, RecursionError):  # ValueError: an integer of more than 4,300 digits
        raise ModuleError("the manifest: numbers too long or nested too deep", offset=offset) from None
    except Wrong as wrong:
        raise ModuleError(f"the manifest: {wrong}", offset=offset) from None


def _parts(text: str) -> list[Any]:
    parts: list[Any] = []
    at = _behind_white(text, 0)
    while at < len(text) or not parts:
        part, at = _DECODER.raw_decode(text, at)
        parts.append(part)
        at = _behind_white(text, at)
    return parts


def _finite(text: str) -> float:
    """A number that Python can write again: it has no JSON for one that is infinite to it."""
    value = float(text)
    if math.isinf(value):
        raise Wrong(f"{clean_text(text, 40)} is larger than any number of 64 bits")
    return value


def _no_constant(name: str) -> NoReturn:
    raise Wrong(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)


def _behind_white(text: str, at: int) -> int:
    white = _WHITE.match(text, at)
    return at if white is None else white.end()


def _merged(parts: list[Any]) -> Members:
    """All objects as one: lists are joined, all else that is known must not differ."""
    merged: Members = {name: [] for name in _JOINED}
    for part in parts:
        if not isinstance(part, dict):
            raise Wrong(f"expected an object, found {_members.kind(part)}")
        abi = part.get("abi")
        if isinstance(abi, bool) or abi != 1:
            found = "nothing" if abi is None else clean_text(json.dumps(abi), 40)
            raise Wrong(f"abi: expected 1, found {found}: this version runs modules of ABI version 1 only")
        for name, most in zip(_JOINED, (_MOST_TRANSFORMS, _MOST_FUNCTIONS), strict=True):
            merged[name] += _members.objects(part, name, most)
        for name in _ALIKE:
            value = part.get(name)
            if value is not None and merged.setdefault(name, value) != value:
                raise Wrong(_differ(name, merged[name], value))
    if len(parts) > 1:  # which come in an order that a linker likes
        for name in _JOINED:
            merged[name].sort(key=lambda item: str(item.get("name")))
    return merged


def _differ(name: str, one: Any, other: Any) -> str:
    """What to say of two parts that do not agree. Parts with different names come from different packages."""
    if name == "name" and isinstance(one, str) and isinstance(other, str):
        names = " and ".join(sorted((clean_text(one, 64), clean_text(other, 64))))
        return (
            f"name: transforms of two packages are linked into this module, {names}, and a module has those "
            "of one: leave #[transform], #[function] and #[aggregate] to the package of the module, and call "
            "plain functions of the other"
        )
    return f"{name}: expected the same in each object of the section"


def _manifest(members: Members) -> Manifest:
    manifest = Manifest(
        name=_members.text(members, "name", 64) or "module",
        version=_members.text(members, "version", 64),
        description=_members.prose(members, "description"),
        input=_members.words(members, "input") or ("ndjson",),
        output=_members.words(members, "output") or ("ndjson",),
        outputs=_outputs(members) or ("main",),
        config_schema=_members.schema(members, "config_schema"),
        input_schema=_members.schema(members, "input_schema"),
        output_schema=_members.schema(members, "output_schema"),
        capabilities=_members.words(members, "capabilities", empty=True) or (),
        stateful=_members.flag(members, "stateful") or False,
        sdk=_members.text(members, "sdk", 64),
        functions=_each(members, "functions", _MOST_FUNCTIONS, _function),
    )
    transforms = _each(members, "transforms", _MOST_TRANSFORMS, lambda item: _transform(item, manifest))
    return manifest._replace(transforms=transforms)


def _outputs(members: Members) -> tuple[str, ...] | None:
    outputs = _members.words(members, "outputs")
    if outputs is None:
        return None
    if outputs[0] != "main":
        raise Wrong(f"outputs: expected main as the first one, found {outputs[0]}")
    if len(set(outputs)) != len(outputs):
        raise Wrong("outputs: expected different names")
    if len(outputs) > _MOST_OUTPUTS:
        raise Wrong(f"outputs: expected at most {_MOST_OUTPUTS}, found {len(outputs)}")
    return outputs


def _each(members: Members, name: str, most: int, read: Callable[[Members], _T]) -> tuple[_T, ...]:
    """An array of objects, each with a name of its own."""
    found: dict[str, _T] = {}
    for at, item in enumerate(_members.objects(members, name, most)):
        try:
            called = _members.called(item)
            if called in found:
                raise Wrong(f"name: {called} is there twice")
            found[called] = read(item)
        except Wrong as wrong:
            raise Wrong(f"{name}[{at}].{wrong}") from None
    return tuple(found.values())


def _transform(item: Members, manifest: Manifest) -> TransformInfo:
    """What a transform does not say is as the module says."""
    capabilities = _members.words(item, "capabilities", empty=True)
    stateful = _members.flag(item, "stateful")

    def schema(name: str) -> Any:
        return getattr(manifest, name) if item.get(name) is None else _members.schema(item, name)

    return TransformInfo(
        name=item["name"],
        description=_members.prose(item, "description"),
        config_schema=schema("config_schema"),
        input_schema=schema("input_schema"),
        output_schema=schema("output_schema"),
        capabilities=manifest.capabilities if capabilities is None else capabilities,
        stateful=manifest.stateful if stateful is None else stateful,
        outputs=_outputs(item) or manifest.outputs,
    )


def _function(item: Members) -> FunctionInfo:
    return FunctionInfo(
        name=item["name"],
        description=_members.prose(item, "description"),
        parameters=_each(item, "parameters", _MOST_PARAMETERS, _parameter),
        result=_members.schema(item, "result"),
    )


def _parameter(item: Members) -> ParameterInfo:
    return ParameterInfo(item["name"], _members.schema(item, "schema"))
