"""Code besides an admin class that may make another class of it, or reads what is written to it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.test_files import is_test
from djfix.codemods.rules.admin_list.handed import of_class, text_at
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.document import Unreadable
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.admin_values import AdminClass
    from djfix.codemods.project.project import Project

_ATTRIBUTES = "list_display|list_select_related|get_queryset|get_list_display"
_IN_PLACE = r"(?:\s*\[[^\]]*\])?\s*\+?=(?!=)|\s*\.\s*(?:append|extend|insert|remove|pop|clear)\b"
_CHANGED = re.compile(rf"\.\s*(?:{_ATTRIBUTES})(?:{_IN_PLACE})")
_IN_BODY = re.compile(
    r"^[ \t]+list_display(?:\s*\[|\s*\.\s*(?:append|extend|insert|remove|pop|clear))", re.M
)
_OPEN = re.compile(
    r"\b__(?:init_subclass|getattribute|getattr|new)__\b|^class [^:]*\bmetaclass\s*="
    r"|^(?: {4}|\t)\S[^#\n]*\b(?:vars|locals|dir)\(\)",
    re.M,
)
_READ = re.compile(r"[.\"']list_select_related\b(?!\s*\+?=(?!=))")
_BY_OTHERS = re.compile(rf"^\s*(?P<owner>[^#\n]*?)\.\s*(?:{_ATTRIBUTES})(?:{_IN_PLACE})", re.M)
_TEMPLATES = (".html", ".htm", ".txt", ".jinja", ".jinja2", ".j2")
_SHOWING = re.compile(rb"list_select_related|(?:queryset|_list)\.query\b")
_DJANGO = "django.contrib.admin."


def elsewhere(project: Project, admin: AdminClass) -> Iterator[Reason]:
    """Why the class may not be what its body says, or be used for other than what is known."""
    yield from _by_itself(project, admin)
    yield from _by_others(project, admin)
    yield from _handed_on(project, admin)
    for path in project.shared(_templates_reading):
        yield Reason("read-elsewhere", f"{path} shows list_select_related, or the query of a list")


def _open(text: str) -> Reason:
    return Reason("open-class", text)


def _by_itself(project: Project, admin: AdminClass) -> Iterator[Reason]:
    """Its own code, or that of a class which it extends, changes or reads its attributes."""
    for name in admin.order:
        short = name.rpartition(".")[2]
        for place in of_class(project, name):
            text = text_at(project, place)
            if _CHANGED.search(text) or _IN_BODY.search(text) or _OPEN.search(text):
                yield _open(f"code of {short} changes what its list shows or loads")


def _by_others(project: Project, admin: AdminClass) -> Iterator[Reason]:
    """Other code changes it by way of an object, or a name that may be this class, or reads it."""
    for path, is_reading, owners in project.shared(_uses_of_lists):
        if is_reading:
            yield Reason("read-elsewhere", f"{path} reads list_select_related")
        if any(_may_be(project, path, owner, admin) for owner in owners):
            yield _open(f"{path} changes the list of a class that may be {admin.name}")


def _uses_of_lists(project: Project) -> tuple[tuple[str, bool, tuple[str, ...]], ...]:
    """The files that read `list_select_related`, or change what the list of something shows; tests
    aside, each file once for all admin classes."""
    found: list[tuple[str, bool, tuple[str, ...]]] = []
    for path in project.files.containing(b"list_select_related", b"list_display"):
        if is_test(project, path):
            continue
        text = "".join(project.files.document(path).lines)
        owners = tuple(match["owner"].strip() for match in _BY_OTHERS.finditer(text))
        if owners or _READ.search(text):
            found.append((path, _READ.search(text) is not None, owners))
    return tuple(found)


def _templates_reading(project: Project) -> tuple[str, ...]:
    """The templates that show `list_select_related`, or the SQL of a list; each is read once for
    all admin classes."""
    paths = (each for each in project.files.paths if each.endswith(_TEMPLATES))
    return tuple(path for path in paths if _SHOWING.search(_bytes_of(project, path)))


def _bytes_of(project: Project, path: str) -> bytes:
    try:
        return project.files.read_once(path)
    except OSError:
        return b""


def _may_be(project: Project, path: str, owner: str, admin: AdminClass) -> bool:
    """Whether a class or object that is changed may be the admin class, or one that it extends."""
    if owner in {"self", "cls"}:
        return False
    resolved = project.resolve(path, owner) if re.fullmatch(r"[\w.]+", owner) else None
    known = project.class_named(resolved) if resolved is not None else None
    if resolved is not None and resolved.startswith(_DJANGO):
        return True
    return known is None or known.name in admin.order


def _handed_on(project: Project, admin: AdminClass) -> Iterator[Reason]:
    """The class is a value somewhere: it may be registered for another model, or extended."""
    short = admin.name.rpartition(".")[2]
    for path in project.files.containing(short.encode(), word=short.encode()):
        if is_test(project, path):
            continue
        document = project.files.document(path)
        lines = (number for number, line in enumerate(document.lines, 1) if short in line)
        try:
            near = [node for each in document.statements_near(lines) for node in walk(each)]
        except (Unreadable, RecursionError):
            yield Reason("handed-on", f"{path} cannot be parsed, and names {short}")
            return
        inner = {id(each) for node in near for each in _inner_classes(node)}
        nodes = [node for node in near if id(node) not in inner]
        plain = {id(each) for node in nodes for each in _plain(node)}
        for node in near:
            if id(node) in plain or not isinstance(node, ast.Name | ast.Attribute):
                continue
            if isinstance(node.ctx, ast.Load) and _is(project, path, node, admin):
                yield Reason("handed-on", f"{path}:{node.lineno} hands {short} on as a value")
                return


def _is(project: Project, path: str, node: ast.expr, admin: AdminClass) -> bool:
    dotted = dotted_name(node)
    if dotted is None or dotted.rpartition(".")[2] != admin.name.rpartition(".")[2]:
        return False
    resolved = project.resolve(path, dotted)
    info = project.class_named(resolved) if resolved is not None else None
    return info is not None and info.name == admin.name


def _inner_classes(node: ast.AST) -> Iterator[ast.AST]:
    """Classes in functions, which nobody keeps count of."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from (each for each in walk(node) if isinstance(each, ast.ClassDef))


def _plain(node: ast.AST) -> Iterator[ast.AST]:
    """The uses of a class that are known: registered, extended, asked for an attribute."""
    match node:
        case ast.Call(func=ast.Attribute(attr="register"), args=args, keywords=keywords):
            yield from args[1:2]
            yield from (each.value for each in keywords)
        case ast.ClassDef(bases=bases):
            yield from bases
        case ast.Attribute(value=value):
            yield value
        case ast.Call(func=ast.Name(id="super" | "isinstance" | "issubclass"), args=args):
            yield from args
