"""The Celery tasks of a file, linked: decorated functions and classes, with all their options.

https://docs.celeryq.dev/en/stable/userguide/tasks.html has the options; that they come from the
decorator before the class that `base=` names was seen by running Celery 5.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.facts import ExpressionFacts, FunctionFacts, ModuleFacts
from djfix.codemods.project.known_order import known_order
from djfix.codemods.project.task_decorators import (
    Maker,
    Makers,
    definition_of,
    is_application,
    is_removed,
)
from djfix.codemods.project.task_values import (
    OPTIONS,
    Origin,
    RemovedTask,
    Task,
    TaskForm,
    TaskOption,
)

if TYPE_CHECKING:
    from djfix.codemods.project.classes import ClassInfo
    from djfix.codemods.project.project import Project

TASK = "celery.Task"


def tasks_of(project: Project, path: str) -> tuple[Task, ...]:
    """The tasks that a file defines at its top level, in its order."""
    facts, module = project.module(path), project.module_of(path)
    if facts is None:
        return ()
    found = [*_functions(project, path, module or path, facts), *_classes(project, path, facts)]
    return tuple(sorted(found, key=lambda task: task.line))


def task_named(project: Project, symbol: str) -> Task | None:
    """The task of this function or class."""
    module = symbol.rpartition(".")[0]
    path = project.path_of(module)
    tasks = () if path is None else project.tasks(path)
    return next((task for task in tasks if task.symbol == symbol), None)


def removed_tasks(project: Project, path: str) -> tuple[RemovedTask, ...]:
    """The decorators of a file that Celery 5 does not have any more."""
    facts = project.module(path)
    found: list[RemovedTask] = []
    for function in facts.functions if facts is not None else ():
        for decorator in function.decorators:
            name = project.resolve(path, _spelled(decorator), line=decorator.line)
            if name is not None and is_removed(name):
                found.append(RemovedTask(name, path, decorator.line))
    return tuple(found)


# -- functions -----------------------------------------------------------------------------------


def _functions(project: Project, path: str, module: str, facts: ModuleFacts) -> Iterator[Task]:
    makers = project.shared(Makers)
    for function in facts.functions:
        for decorator in function.decorators:
            spelled = _spelled(decorator)
            maker = makers.of(path, spelled, decorator.line) if spelled else None
            if maker is not None:
                yield _task(project, path, module, function, decorator, maker)
                break


def _spelled(decorator: ExpressionFacts) -> str:
    """The dotted name of a decorator, called or not."""
    named = decorator.function if decorator.kind == "call" else decorator
    return named.name if named is not None and named.kind == "name" else ""


def _task(
    project: Project,
    path: str,
    module: str,
    function: FunctionFacts,
    decorator: ExpressionFacts,
    maker: Maker,
) -> Task:
    options = [*_of_decorator(project, path, decorator)]
    if maker.preset is not None:
        options += _given(maker.preset[0], maker.preset[1], "wrapper")
    unclear = [*_unread(project, path, decorator)]
    base = next((each for each in options if each.name == "base"), None)
    bases, unread = _of_base(project, base, maker)
    symbol = f"{module}.{function.name}"
    return Task(
        symbol=symbol,
        path=path,
        line=function.line,
        name=_registered(options, symbol),
        form=_form(decorator, maker),
        decorator=decorator,
        application=maker.application,
        function=function,
        options=(*options, *bases),
        bound=_is_bound(options, unclear),
        unclear=(*unclear, *unread, *_wrapped(maker)),
    )


def _form(decorator: ExpressionFacts, maker: Maker) -> TaskForm:
    if maker.wrapper is not None:
        return "wrapped"
    return "called" if decorator.kind == "call" else "bare"


def _of_decorator(project: Project, path: str, decorator: ExpressionFacts) -> Iterator[TaskOption]:
    yield from _given(path, decorator, "decorator")
    for key, value in decorator.keywords:
        if key == "**":
            where, mapping = _mapping(project, path, value)
            yield from _entries(where, mapping)


def _given(path: str, call: ExpressionFacts, origin: Origin) -> Iterator[TaskOption]:
    for key, value in call.keywords:
        if key != "**":
            yield TaskOption(key, value, path, value.line or call.line, origin)


def _mapping(
    project: Project, path: str, value: ExpressionFacts
) -> tuple[str, ExpressionFacts | None]:
    """The file and text of the dict that is unpacked: written there, or assigned once."""
    if value.kind == "dict" or _is_dict_call(value):
        return path, value
    name = project.resolve(path, value.name, line=value.line) if value.kind == "name" else None
    found = definition_of(project, name) if name is not None else None
    if found is None or not (found[1].kind == "dict" or _is_dict_call(found[1])):
        return path, None
    return found


def _is_dict_call(value: ExpressionFacts) -> bool:
    function = value.function
    return function is not None and function.name == "dict" and not value.arguments


def _entries(path: str, mapping: ExpressionFacts | None) -> Iterator[TaskOption]:
    if mapping is None:
        return
    if mapping.kind == "call":
        yield from _given(path, mapping, "unpacked")
        return
    for key, value in zip(mapping.items[::2], mapping.items[1::2], strict=True):
        if key.string is not None:
            yield TaskOption(key.string, value, path, value.line or key.line, "unpacked")


def _unread(project: Project, path: str, decorator: ExpressionFacts) -> Iterator[Reason]:
    """Mappings unpacked in the decorator of which not every key could be read."""
    for key, value in decorator.keywords:
        if key != "**":
            continue
        _, mapping = _mapping(project, path, value)
        keys = [] if mapping is None else [*mapping.items[::2]] if mapping.kind == "dict" else []
        spreads = mapping is not None and any(name == "**" for name, _ in mapping.keywords)
        if mapping is None or spreads or any(each.string is None for each in keys):
            text = f"line {decorator.line} unpacks options that could not be read"
            yield Reason("unpacked-options", text)


def _registered(options: list[TaskOption], symbol: str) -> str | None:
    """`name=`, else the function's dotted name, as `celery.utils.imports.gen_task_name` has it."""
    given = next((each for each in options if each.name == "name"), None)
    return symbol if given is None else given.value.string


def _is_bound(options: list[TaskOption], unclear: list[Reason]) -> bool | None:
    given = next((each for each in options if each.name == "bind"), None)
    if given is None:
        return None if unclear else False
    value = given.value.value if given.value.kind == "constant" else None
    return value if isinstance(value, bool) else None


def _wrapped(maker: Maker) -> Iterator[Reason]:
    if maker.wrapper is not None:
        text = f"the decorator {maker.wrapper} makes it a task, and may set any option"
        yield Reason("wrapper-decorator", text)


# -- the classes that options come from ----------------------------------------------------------


def _of_base(
    project: Project, base: TaskOption | None, maker: Maker
) -> tuple[list[TaskOption], list[Reason]]:
    """Options from the class that `base=` names, else from that of the application."""
    if base is not None:
        if base.value.is_constant(None):
            return [], []
        name = (
            project.resolve(base.path, base.value.name, line=base.line)
            if base.value.kind == "name"
            else None
        )
        return _of_class(project, name, base.line, "base")
    given = _task_class(project, maker.application)
    return ([], []) if given is None else _of_class(project, *given, "application")


def _task_class(project: Project, application: str | None) -> tuple[str | None, int] | None:
    """The `task_cls` that an application is made with, if it is."""
    found = None if application is None else definition_of(project, application)
    given = None if found is None else found[1].keyword("task_cls")
    if found is None or given is None:
        return None
    spelled = given.string or given.name
    if given.string is not None:
        return spelled.replace(":", "."), given.line
    return project.resolve(found[0], spelled, line=given.line), given.line


def _of_class(
    project: Project, name: str | None, line: int, origin: Origin
) -> tuple[list[TaskOption], list[Reason]]:
    if name == TASK or (name is not None and _is_task_of_application(project, name)):
        return [], []
    options = [*_attributes(project, task_ancestors(project, name), origin)]
    if name is None or not _is_read(project, name):
        text = f"{name or 'the base'} (line {line}) is a class that could not be read"
        return options, [Reason("unknown-base", text)]
    return options, []


def _is_read(project: Project, name: str) -> bool:
    """Whether all bases are known, `app.Task` of an application of the project among them."""
    unknown = project.unknown_bases(name)
    return all(_is_task_of_application(project, each) for each in unknown)


def _is_task_of_application(project: Project, name: str) -> bool:
    """`app.Task`: `celery.Task`, unless the application is made with another class."""
    owner, _, attribute = name.rpartition(".")
    is_task = attribute == "Task" and is_application(project, owner)
    return is_task and _task_class(project, owner) is None


def base_of(project: Project, task: Task) -> str | None:
    """The class that a task is, or is made of by `base=`; None where that is Celery's or not
    known."""
    if task.form == "class":
        return task.symbol
    base = task.option("base")
    if base is None or base.value.kind != "name":
        return None
    return project.resolve(base.path, base.value.name, line=base.line)


def task_ancestors(project: Project, name: str | None) -> tuple[str, ...]:
    """The class and those that it inherits from, nearest first, as far as they are known."""
    return known_order(project, name) if name is not None else ()


def _attributes(project: Project, order: tuple[str, ...], origin: Origin) -> Iterator[TaskOption]:
    """The options among the attributes of the project's classes, nearest first."""
    for name in order:
        info = project.class_named(name)
        if info is not None and info.facts is not None and info.path is not None:
            yield from _own_attributes(info, origin)


def _own_attributes(info: ClassInfo, origin: Origin) -> Iterator[TaskOption]:
    assert info.facts is not None
    assert info.path is not None
    for each in info.facts.assignments:
        if each.target in OPTIONS - {"abstract"} and each.value is not None:
            yield TaskOption(each.target, each.value, info.path, each.line, origin)


# -- class-based tasks ---------------------------------------------------------------------------


def _classes(project: Project, path: str, facts: ModuleFacts) -> Iterator[Task]:
    module = project.module_of(path)
    for each in facts.classes if module is not None else ():
        info = project.class_named(f"{module}.{each.name}")
        if info is None or info.path != path or info.line != each.line:
            continue
        if _extends_task(project, info.name) and _is_run(project, info):
            yield _class_task(project, info)


def _extends_task(project: Project, name: str) -> bool:
    if project.is_subclass(name, TASK):
        return True
    unknown = project.unknown_bases(name)
    return any(_is_task_of_application(project, each) for each in unknown)


def _is_run(project: Project, info: ClassInfo) -> bool:
    """Whether a class is a task itself: it says what to run, and is no base for others."""
    facts = info.facts
    assigned = None if facts is None else facts.assignment("abstract")
    is_base = assigned is not None and assigned.value is not None
    is_base = is_base and not (assigned and assigned.value and assigned.value.is_constant(False))
    run = project.method(info.name, "run")
    return not is_base and run is not None and run.path is not None


def _class_task(project: Project, info: ClassInfo) -> Task:
    assert info.path is not None
    own = [*_own_attributes(info, "class")]
    bases, unclear = _of_class(project, info.name, info.line, "base")
    inherited = [each for each in bases if (each.path, each.line) not in _places(own)]
    run = project.method(info.name, "run")
    options = (*own, *inherited)
    return Task(
        symbol=info.name,
        path=info.path,
        line=info.line,
        name=_registered([*options], info.name),
        form="class",
        function=run.facts if run is not None else None,
        options=options,
        bound=True,
        unclear=tuple(unclear),
    )


def _places(options: list[TaskOption]) -> set[tuple[str, int]]:
    return {(each.path, each.line) for each in options}
