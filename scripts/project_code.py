"""The functions and classes of a checkout's packages, and what the names in their code stand for.

Read by Python's ast alone; `count_structure.py` says how callees are told.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

_OF_A_TASK = {"submit", "map", "with_options"}

Def = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Module:
    """A file of the project, by its dotted name."""

    name: str
    path: Path
    tree: ast.Module
    lines: int

    @cached_property
    def imports(self) -> dict[str, tuple[str, str | None]]:
        """Return for each imported name the module it comes from, and its name there (None: the module)."""
        found: dict[str, tuple[str, str | None]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                found |= {a.asname or a.name: (node.module or "", a.name) for a in node.names}
            elif isinstance(node, ast.Import):
                found |= {a.asname or a.name: (a.name, None) for a in node.names}
        return found

    @cached_property
    def own(self) -> dict[str, Def | ast.ClassDef]:
        """Return the functions and classes of the module's top level."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return {node.name: node for node in self.tree.body if isinstance(node, kinds)}


@dataclass(frozen=True)
class Function:
    """A function or method, or a class without a constructor, and where it stands."""

    module: Module
    node: Def | ast.ClassDef
    owner: "Class | None" = None

    @cached_property
    def parameters(self) -> list[str]:
        """Return the parameters' names in their order; of a class, its fields."""
        if isinstance(self.node, ast.ClassDef):
            return [n.target.id for n in self.node.body if _is_field(n)]  # type: ignore[attr-defined]
        own = self.node.args
        return [a.arg for a in (*own.posonlyargs, *own.args, *own.kwonlyargs)]

    @cached_property
    def rest(self) -> list[str]:
        """Return the names that take any number of arguments."""
        own = None if isinstance(self.node, ast.ClassDef) else self.node.args
        return [a.arg for a in (own.vararg, own.kwarg) if a] if own else []

    @property
    def decorators(self) -> set[str]:
        """Return the names that stand in the decorators."""
        parts = (part for decorator in self.node.decorator_list for part in ast.walk(decorator))
        return {part.id for part in parts if isinstance(part, ast.Name)}

    @property
    def is_method(self) -> bool:
        """Return whether the first parameter is the object or the class."""
        return (
            self.owner is not None
            and not isinstance(self.node, ast.ClassDef)
            and "staticmethod" not in self.decorators
        )

    @property
    def is_constructor(self) -> bool:
        """Return whether a call of it makes an object."""
        return isinstance(self.node, ast.ClassDef) or self.node.name == "__init__"


@dataclass(frozen=True)
class Class:
    """A class of the project and where it stands."""

    module: Module
    node: ast.ClassDef


@dataclass
class Scope:
    """What is known inside a function: which names carry the value, and the classes of names."""

    module: Module
    carrying: set[str]
    classes: dict[str, Class] = field(default_factory=dict)


class Project:
    """The modules of a checkout, and what a name in one of them stands for."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.modules = {module.name: module for module in _read_modules(checkout)}

    def find_imports(self, module: Module) -> set[str]:
        """Return the names of the project's modules that a module imports."""
        targets = set()
        for source, name in module.imports.values():
            inner = f"{source}.{name}"
            targets.add(inner if inner in self.modules else source)
        return targets & self.modules.keys() - {module.name}

    def find(self, module: Module, name: str, seen: frozenset[str] = frozenset()) -> object:
        """Return the function, class or module that a name stands for in a module; None if none."""
        if node := module.own.get(name):
            return Class(module, node) if isinstance(node, ast.ClassDef) else Function(module, node)
        source, inner = module.imports.get(name, ("", None))
        if inner is None:
            return self.modules.get(source)
        if whole := self.modules.get(f"{source}.{inner}"):
            return whole
        if (origin := self.modules.get(source)) and source not in seen:
            return self.find(origin, inner, seen | {source})
        return None

    @cached_property
    def classes(self) -> list[Class]:
        """Return every class of the top level of a module."""
        return [
            Class(module, node)
            for module in self.modules.values()
            for node in module.own.values()
            if isinstance(node, ast.ClassDef)
        ]

    def bases(self, of: Class) -> Iterator[Class]:
        """Yield a class and the project's classes that it is made from, nearest first."""
        yield of
        for node in of.node.bases:
            if isinstance(node, ast.Name) and isinstance(base := self.find(of.module, node.id), Class):
                yield from self.bases(base)

    def find_methods(self, of: Class, name: str) -> list[Function]:
        """Return what a method's name stands for: one function, or one a class for a Protocol."""
        kinds = [of]
        if _is_protocol(of.node):
            asked = _methods(of.node).keys()
            kinds = [k for k in self.classes if asked <= _methods(k.node).keys() and not _is_protocol(k.node)]
        found = []
        for kind in kinds:
            for base in self.bases(kind):
                if node := _methods(base.node).get(name):
                    found.append(Function(base.module, node, base))
                    break
        return found

    def class_of_annotation(self, module: Module, annotation: ast.expr | None) -> Class | None:
        """Return the first of the project's classes that an annotation names."""
        for node in ast.walk(annotation) if annotation else ():
            written = node.id if isinstance(node, ast.Name) else getattr(node, "value", None)
            for name in re.findall(r"\w+", written) if isinstance(written, str) else ():
                if isinstance(found := self.find(module, name), Class):
                    return found
        return None

    def class_of_attribute(self, of: Class, name: str) -> Class | None:
        """Return the class of a field, of a property's result, or of what `self.name` was bound to."""
        for base in self.bases(of):
            if node := _methods(base.node).get(name):
                return self.class_of_annotation(base.module, node.returns)
            for part in ast.walk(base.node):
                if isinstance(part, ast.AnnAssign) and _name_of(part.target) == name:
                    return self.class_of_annotation(base.module, part.annotation)
                if isinstance(part, ast.Assign) and name in map(_name_of, part.targets):
                    constructor = next(iter(_methods(base.node).values()))
                    scope = self.open_scope(Function(base.module, constructor, base), frozenset())
                    return self.class_of(part.value, scope)
        return None

    def class_of(self, value: ast.expr | None, scope: Scope) -> Class | None:
        """Return the class of an expression as far as annotations and constructors tell it."""
        match value:
            case ast.Name(id=name):
                return scope.classes.get(name)
            case ast.Attribute(value=base, attr=name):
                of = self.class_of(base, scope)
                return self.class_of_attribute(of, name) if of else None
            case ast.Call():
                for callee in self.find_callees(value.func, scope):
                    if isinstance(callee.node, ast.ClassDef) or callee.is_constructor:
                        return callee.owner
                    return self.class_of_annotation(callee.module, callee.node.returns)
                return next(filter(None, (self.class_of(a, scope) for a in value.args)), None)
            case ast.Subscript(value=base) | ast.Await(value=base) | ast.Starred(value=base):
                return self.class_of(base, scope)
            case ast.NamedExpr(value=base) | ast.GeneratorExp(elt=base) | ast.ListComp(elt=base):
                return self.class_of(base, scope)
            case ast.IfExp(body=body, orelse=other):
                return self.class_of(body, scope) or self.class_of(other, scope)
            case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
                return next(filter(None, (self.class_of(part, scope) for part in parts)), None)
        return None

    def find_callees(self, called: ast.expr, scope: Scope) -> list[Function]:
        """Return the functions that an expression calls when it is called."""
        if isinstance(called, ast.Name):
            found = self.find(scope.module, called.id)
            if isinstance(found, Class):
                return self.find_methods(found, "__init__") or [Function(found.module, found.node, found)]
            return [found] if isinstance(found, Function) else []
        if isinstance(called, ast.Call):
            return self.find_callees(called.func, scope) if _is_of_a_task(called.func) else []
        if not isinstance(called, ast.Attribute):
            return []
        if isinstance(called.value, ast.Name):
            found = self.find(scope.module, called.value.id)
            if isinstance(found, Module):
                return self.find_callees(ast.Name(called.attr), Scope(found, set()))
            if isinstance(found, Class):
                return self.find_methods(found, called.attr)
        if of := self.class_of(called.value, scope):
            return self.find_methods(of, called.attr)
        return self.find_callees(called.value, scope) if called.attr in _OF_A_TASK else []

    def open_scope(self, function: Function, carrying: frozenset[str]) -> Scope:
        """Return what is known at the start of a function."""
        scope = Scope(function.module, set(carrying))
        if isinstance(function.node, ast.ClassDef):
            return scope
        own = function.node.args
        for argument in (*own.posonlyargs, *own.args, *own.kwonlyargs):
            if found := self.class_of_annotation(function.module, argument.annotation):
                scope.classes[argument.arg] = found
        if function.owner and function.is_method:
            scope.classes[function.parameters[0]] = function.owner
        return scope


def _read_modules(checkout: Path) -> Iterator[Module]:
    for package in sorted(
        path.parent for path in checkout.glob("*/__init__.py") if path.parts[-2] != "tests"
    ):
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(checkout).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = path.read_text(encoding="utf-8")
            yield Module(name, path.relative_to(checkout), ast.parse(text), len(text.splitlines()))


def _is_field(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)


def _methods(node: ast.ClassDef) -> dict[str, Def]:
    return {n.name: n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}


def _is_protocol(node: ast.ClassDef) -> bool:
    return "Protocol" in {base.id for base in node.bases if isinstance(base, ast.Name)}


def _is_of_a_task(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and called.attr in _OF_A_TASK


def _name_of(target: ast.expr) -> str | None:
    """Return the field that a target binds: `name` in a class, `self.name` in its methods."""
    if isinstance(target, ast.Attribute):
        return target.attr if isinstance(target.value, ast.Name) and target.value.id == "self" else None
    return target.id if isinstance(target, ast.Name) else None
