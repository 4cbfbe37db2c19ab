"""Count how the code is parted: modules, importers, circles, and the files that one value passes.

    python scripts/count_structure.py [--checkout DIR] [--held FILE:FUNCTION:PARAMETER] [--made ...]

Reads the code by Python's ast and runs none of it, so that any two checkouts are counted alike.

*Modules* are the Python files of the packages at the top of the checkout (folders with an `__init__.py`)
but tests. *Imports* count wherever they stand, in functions too, once for each module that has them.
*Circles* are groups of modules that import each other, straight or by way of others.

*A walk* follows a parameter of a function through the calls that it is passed to.

- A name carries the value if it is that parameter, or is bound from an expression that holds a carrying
  name: by an assignment, a loop, a comprehension, a `with`, a `match`. An attribute or a part of it carries
  too, and a name that took it (`name.append(value)`, `name.part = value`). A call of a class, or of what the
  project does not define, carries what it was given. What a function of the project returns carries it in a
  walk of what is *made* of the value, and does not in a walk of where the value is *held*.
- A call is walked into if something that carries stands among its arguments, or if it is a method or a
  property of what carries. There the parameters carry that got such an argument.
- Callees are the module's own functions and classes and imported ones; methods by what annotations and
  constructors tell of their object, a container counting as what it holds. A method of a Protocol is that of
  every class with all of its methods. Of a class the constructor is walked, or, if it has none, its
  fields count as a function. `task.submit` and `task.map` call the task. A function among the arguments of
  a call that the project does not define is called with those after it, else with the first that carries.
- Each function is walked once for each set of carrying parameters, in the order of the source, the arguments
  of a call before the call.

*Files* are those with a walked function. A *stay* is a run of functions walked in one file; coming back
up from a call counts for nothing. A *return* is a stay in a file that had been left. *Names* are the carrying
ones, counted once a function.
"""

import argparse
import ast
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from project_code import Class, Function, Module, Project, Scope

APPLICATION = "flows/review_application.py:review_application:parameters"
"""Where one application's parameters begin their way to the outcome."""

SENTENCE = "planning_review/rules/rules_reviewer.py:EvidenceReviewer.judge:documents"
"""Where a document's sentences begin their way to the lines of the judgement."""

_PROPERTIES = {"property", "cached_property"}


class Walk(ast.NodeVisitor):
    """One value's way: the functions walked, in their order, and the names that carried it."""

    def __init__(self, project: Project, function: Function, parameter: str, *, made: bool) -> None:
        self.project = project
        self.made = made
        self.path: list[Function] = []
        self.names: set[tuple[str, str, str]] = set()
        self._walked: set[tuple[Module, int, frozenset[str]]] = set()
        self._scope = Scope(function.module, set())
        self._enter(function, frozenset({parameter}))

    @property
    def stays(self) -> list[Path]:
        """Return the files in the order in which they were come to."""
        return [path for path, _ in groupby(function.module.path for function in self.path)]

    def _enter(self, function: Function, carrying: frozenset[str]) -> None:
        key = (function.module, function.node.lineno, carrying)
        if key in self._walked:
            return
        self._walked.add(key)
        self.path.append(function)
        outer, self._scope = self._scope, self.project.open_scope(function, carrying)
        if not isinstance(function.node, ast.ClassDef):
            for statement in function.node.body:
                self.visit(statement)
        where = (function.module.name, f"{function.node.name}:{function.node.lineno}")
        self.names |= {(*where, name) for name in self._scope.carrying}
        self._scope = outer

    def _carries(self, node: ast.AST | None) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self._scope.carrying
        if isinstance(node, ast.Call) and not self.made:
            callees = self.project.find_callees(node.func, self._scope)
            if callees and not callees[0].is_constructor:
                return False
        return node is not None and any(map(self._carries, ast.iter_child_nodes(node)))

    def _bind(self, target: ast.expr, value: ast.expr | None, annotation: ast.expr | None = None) -> None:
        """Have a target's names carry what the value carries, and be of its class."""
        of = self.project.class_of_annotation(self._scope.module, annotation)
        of = of or self.project.class_of(value, self._scope)
        carries = self._carries(value)
        for node in _bound(target):
            if carries:
                self._scope.carrying.add(node.id)
            if of and isinstance(target, ast.Name):
                self._scope.classes[node.id] = of

    def visit(self, node: ast.AST) -> None:
        """Walk through a piece of code, a comprehension's loops before what it makes."""
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            self._visit_comprehension(node)
        else:
            super().visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._bind(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)
        self._bind(node.target, node.value, node.annotation)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        self._bind(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._bind(node.target, node.value)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        self._bind(node.target, node.iter)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_withitem(self, node: ast.withitem) -> None:
        self.visit(node.context_expr)
        if node.optional_vars:
            self._bind(node.optional_vars, node.context_expr)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        carries = self._carries(node.subject)
        for case in node.cases:
            for part in ast.walk(case.pattern):
                if carries and isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                    self._scope.carrying.add(part.name)
            for statement in (*([case.guard] if case.guard else []), *case.body):
                self.visit(statement)

    def _visit_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        for generator in node.generators:
            self.visit(generator.iter)
            self._bind(generator.target, generator.iter)
            for condition in generator.ifs:
                self.visit(condition)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.visit(part)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        if self._carries(node.value) and (of := self.project.class_of(node.value, self._scope)):
            for method in self.project.find_methods(of, node.attr):
                if _PROPERTIES & method.decorators:
                    self._enter(method, frozenset(method.parameters[:1]))

    def visit_Call(self, node: ast.Call) -> None:
        for part in (node.func, *node.args, *(keyword.value for keyword in node.keywords)):
            self.visit(part)
        callees = self.project.find_callees(node.func, self._scope)
        for callee in callees:
            if carrying := self._passed(callee, node):
                self._enter(callee, carrying)
        if not callees:
            self._call_arguments(node)
            if isinstance(node.func, ast.Attribute) and any(map(self._carries, _arguments(node))):
                self._scope.carrying.update(name.id for name in _bound(node.func.value))

    def _passed(self, callee: Function, node: ast.Call) -> frozenset[str]:
        """Return the parameters of a function that carry the value when it is called so."""
        positional, carrying = list(callee.parameters), set()
        if callee.is_method:
            own = positional.pop(0)
            if isinstance(node.func, ast.Attribute) and self._carries(node.func.value):
                carrying.add(own)
        given = {keyword.arg for keyword in node.keywords} | set(positional[: len(node.args)])
        for number, argument in enumerate(node.args):
            if self._carries(argument):
                left = positional[number:] if isinstance(argument, ast.Starred) else positional[number:][:1]
                carrying.update(left or callee.rest[:1])
        for keyword in filter(lambda keyword: self._carries(keyword.value), node.keywords):
            if keyword.arg is None:
                carrying.update(name for name in positional if name not in given)
            else:
                carrying.update([keyword.arg] if keyword.arg in positional else callee.rest[-1:])
        return frozenset(carrying)

    def _call_arguments(self, node: ast.Call) -> None:
        """Walk into the functions that stand among the arguments of a call outside the project."""
        arguments = _arguments(node)
        if not any(map(self._carries, (node.func, *arguments))):
            return
        for number, argument in enumerate(arguments):
            if isinstance(argument, ast.Name | ast.Attribute):
                after = node.args[number + 1 :] or [a for a in arguments if self._carries(a)][:1]
                for callee in self.project.find_callees(argument, self._scope):
                    call = ast.Call(func=argument, args=after, keywords=[])
                    if carrying := self._passed(callee, call):
                        self._enter(callee, carrying)


def _bound(target: ast.expr) -> list[ast.Name]:
    """Return the names that a target binds; of a part or an attribute, the name that it is of."""
    while isinstance(target, ast.Attribute | ast.Subscript | ast.Call):
        target = target.func if isinstance(target, ast.Call) else target.value
    return [part for part in ast.walk(target) if isinstance(part, ast.Name)]


def _arguments(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def find_circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules each of which is reached from each other one of its group."""
    reached = {module: set(targets) for module, targets in imports.items()}
    for through in imports:
        for targets in reached.values():
            if through in targets:
                targets |= reached[through]
    circles = {frozenset(b for b in reached[a] if a in reached[b]) for a in imports if a in reached[a]}
    return sorted(map(sorted, circles))


def start_walk(project: Project, start: str, *, made: bool) -> Walk:
    """Walk from FILE:FUNCTION:PARAMETER; FUNCTION may be CLASS.METHOD."""
    path, name, parameter = start.split(":")
    module = next((m for m in project.modules.values() if m.path == Path(path)), None)
    owner, _, method = name.rpartition(".")
    found = project.find(module, owner or name) if module else None
    if isinstance(found, Class):
        found = next(iter(project.find_methods(found, method)), None)
    if not isinstance(found, Function) or parameter not in found.parameters:
        raise SystemExit(f"{start}: {project.checkout} has no such parameter. Name it by --held and --made.")
    return Walk(project, found, parameter, made=made)


def tell_structure(project: Project) -> Iterator[tuple[str, object]]:
    """Yield what is counted of the modules, and the figure."""
    imports = {name: project.find_imports(module) for name, module in project.modules.items()}
    importers = Counter(target for targets in imports.values() for target in targets)
    lines = [module.lines for module in project.modules.values()]
    largest = max(project.modules.values(), key=lambda module: module.lines)
    circles = find_circles(imports)
    yield "modules", len(lines)
    yield "lines of a module, median", f"{statistics.median(lines):g}"
    yield "lines of the largest", f"{largest.lines} ({largest.path})"
    yield "modules with one importer", list(importers.values()).count(1)
    yield "import circles", "; ".join(map(" ↔ ".join, circles)) or 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of a checkout as a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkout", type=Path, default=Path(__file__).parents[1])
    parser.add_argument("--held", default=APPLICATION, metavar="FILE:FUNCTION:PARAMETER")
    parser.add_argument("--made", default=SENTENCE, metavar="FILE:FUNCTION:PARAMETER")
    parser.add_argument("--path", action="store_true", help="the functions walked, too, in their order")
    options = parser.parse_args(arguments)
    project = Project(options.checkout.resolve())
    for what, figure in tell_structure(project):
        print(f"{what:<28}{figure}")
    print(f"\n{'files':>5}{'stays':>7}{'returns':>9}{'names':>7}  walk")
    for kind, start in (("held", options.held), ("made", options.made)):
        walk = start_walk(project, start, made=kind == "made")
        files, stays = len(set(walk.stays)), len(walk.stays)
        print(f"{files:>5}{stays:>7}{stays - files:>9}{len(walk.names):>7}  {kind}: {start}")
        for function in walk.path if options.path else ():
            print(f"{'':>30}{function.module.path}: {function.node.name}")


if __name__ == "__main__":
    main()
