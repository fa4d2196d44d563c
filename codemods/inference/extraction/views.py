"""The views of a file: methods of view classes and function views, and what they call a request."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from djfix.codemods.findings import Reason
from djfix.codemods.inference.expressions import Inference, owner_of, scope_of
from djfix.codemods.inference.parameters import class_name
from djfix.codemods.inference.values import Request
from djfix.codemods.inference.views.ancestry import API_VIEW, VIEWSET, ancestors
from djfix.codemods.project.project import Project
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.document import Document

DJANGO_VIEW = "django.views.View"
FORM_BASES = ("django.forms.forms.BaseForm", "django.forms.BaseForm", "django.forms.Form")
SERIALIZER = "rest_framework.serializers.BaseSerializer"
_HTTP = frozenset({"get", "post", "put", "patch", "delete"})
_HOOKS = frozenset(
    {
        *("perform_create", "perform_update", "perform_destroy"),
        *("create", "update", "partial_update", "destroy", "list", "retrieve"),
        *("form_valid", "form_invalid"),
    }
)
_HANDED = frozenset(
    {
        *("perform_create", "perform_update", "perform_destroy"),
        *("form_valid", "form_invalid", "get_queryset", "get_context_data"),
    }
)
"""Methods whose first argument is no request."""

_PAGES = frozenset({"form_valid", "form_invalid"})
_FILLED = frozenset({"serializer", "form", "formset"})
"""What frameworks call the object with the input that they hand to a view's hooks."""

RESPONSES = frozenset(
    {
        "rest_framework.response.Response",
        "django.http.HttpResponse",
        "django.http.JsonResponse",
        "django.http.HttpResponseRedirect",
        "django.http.HttpResponsePermanentRedirect",
        "django.http.HttpResponseBadRequest",
        "django.http.HttpResponseForbidden",
        "django.http.HttpResponseNotFound",
        "django.http.HttpResponseNotAllowed",
        "django.http.HttpResponseServerError",
        "django.http.StreamingHttpResponse",
        "django.http.FileResponse",
        "django.template.response.TemplateResponse",
        "django.shortcuts.render",
        "django.shortcuts.redirect",
    }
)
"""What makes a response: https://docs.djangoproject.com/en/stable/ref/request-response/."""


@dataclass(frozen=True, eq=False)
class View:
    """One function that answers requests, or a hook that REST framework or Django calls for it.

    `kind`: "api", "viewset", "django" or "function". `method` is the function's name. `seeks`:
    what of its statements counts, "work" or "queries".
    """

    inference: Inference
    kind: str
    seeks: str = "work"

    @property
    def function(self) -> ast.FunctionDef | ast.AsyncFunctionDef:
        return self.inference.function

    @property
    def document(self) -> Document:
        return self.inference.document

    @property
    def project(self) -> Project:
        return self.inference.project

    @property
    def method(self) -> str:
        return self.function.name

    @property
    def owner(self) -> str:
        """The name of the view class; of a function view, its own."""
        owner = self.inference.owner
        return self.function.name if owner is None else owner.name

    @property
    def symbol(self) -> str:
        """The dotted name of the function."""
        module = self.project.module_of(self.document.path) or self.document.path
        return ".".join((module, *self.inference.scope))

    @cached_property
    def own(self) -> str | None:
        """The name of `self`; None in a function view."""
        arguments = self.function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        return positional[0].arg if self.kind != "function" and positional else None

    @cached_property
    def request(self) -> str | None:
        """The name of the parameter that holds the request."""
        arguments = self.function.args
        positional = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        place = 0 if self.kind == "function" else 1
        if self.kind == "function":
            return positional[place] if len(positional) > place else None
        return positional[1] if positional[1:] and self.method not in _HANDED else None

    @cached_property
    def filled(self) -> frozenset[str]:
        """The names of forms and serializers that hold the input."""
        names = {each.arg for each in self.function.args.args} & _FILLED
        for node in ast.walk(self.function):
            if isinstance(node, ast.Assign) and self._makes_filled(node.value):
                names |= {each.id for each in node.targets if isinstance(each, ast.Name)}
        return frozenset(names)

    def _makes_filled(self, value: ast.expr) -> bool:
        if not isinstance(value, ast.Call):
            return False
        name = dotted_name(value.func) or ""
        if name in {f"{self.own}.get_serializer", f"{self.own}.get_form"}:
            return True
        resolved = self.inference.resolve(value.func)
        return resolved is not None and is_filled_class(self.project, resolved)

    def is_response(self, call: ast.Call) -> bool:
        """Whether a call makes a response."""
        resolved = self.inference.resolve(call.func)
        if resolved is None:
            return False
        if resolved in RESPONSES or resolved.removeprefix("django.http.response.") != resolved:
            return True
        return bool(set(ancestors(self.project, resolved)) & _RESPONSE_CLASSES)


_RESPONSE_CLASSES = frozenset({"django.http.HttpResponse", "django.http.response.HttpResponse"})


def is_filled_class(project: Project, dotted: str) -> bool:
    """Whether a class is a form or serializer."""
    above = ancestors(project, dotted)
    return SERIALIZER in above or any(each in above for each in FORM_BASES)


def views_in(document: Document, project: Project, seeks: str = "work") -> Iterator[View]:
    """The views of a file, in its order; methods of views that answer nothing are left out.

    Nobody of the project calls a view, so that no callers are looked for.
    """
    more = _READING if seeks == "queries" else frozenset[str]()
    for function in document.functions.values():
        if not _may_answer(function, document, more):
            continue
        inference = Inference(project, document, function, asks_callers=False)
        kind = _kind(inference, more)
        if kind is not None:
            yield View(inference, kind, seeks)


def _may_answer(function: FunctionNode, document: Document, more: frozenset[str]) -> bool:
    """Whether a function may be a view by its name and arguments alone, which cost nothing."""
    scope = scope_of(document, function)
    if len(scope) > 2:
        return False
    if owner_of(document, function) is None:
        return len(scope) == 1 and bool([*function.args.posonlyargs, *function.args.args])
    named = function.name in _HTTP | _HOOKS | _PAGES | more
    return named or bool(function.decorator_list)


_READING = frozenset({"get_queryset", "get_context_data"})


def _kind(inference: Inference, more: frozenset[str]) -> str | None:
    name = class_name(inference)
    if len(inference.scope) > 2:
        return None
    if name is None:
        return "function" if _is_function_view(inference) else None
    above = ancestors(inference.project, name)
    method = inference.function.name
    if VIEWSET in above:
        answers = method in _HOOKS | more or _is_action(inference)
        return "viewset" if answers else None
    if API_VIEW in above:
        return "api" if method in _HTTP | _HOOKS | more else None
    if DJANGO_VIEW in above:
        return "django" if method in _HTTP | _PAGES | more else None
    return None


def _is_action(inference: Inference) -> bool:
    decorators = inference.function.decorator_list
    called = (each.func if isinstance(each, ast.Call) else each for each in decorators)
    return any(inference.resolve(each) == "rest_framework.decorators.action" for each in called)


def _is_function_view(inference: Inference) -> bool:
    """A first parameter that is known to be a request, or is called so where responses are made."""
    if len(inference.scope) != 1:
        return False
    arguments = inference.function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    if not positional:
        return False
    first = positional[0].arg
    if inference.function.args.vararg and first != "request":
        return False
    uses = [each for each in ast.walk(inference.function) if isinstance(each, ast.Name)]
    named = next((each for each in uses if each.id == first), None)
    if named is not None and isinstance(inference.value(named), Request):
        return True
    return first == "request" and _returns_response(inference)


def _returns_response(inference: Inference) -> bool:
    view = View(inference, "function")
    returned = [each.value for each in ast.walk(inference.function) if isinstance(each, ast.Return)]
    return any(isinstance(each, ast.Call) and view.is_response(each) for each in returned)


def is_async(view: View) -> Reason | None:
    """Why nothing can be taken out of the function as a whole."""
    if isinstance(view.function, ast.AsyncFunctionDef):
        return Reason("async-view", "the view is asynchronous")
    own = [each for each in ast.walk(view.function) if isinstance(each, ast.Yield | ast.YieldFrom)]
    if own:
        return Reason("generator", "the view is a generator")
    if view.inference.flow.dynamic:
        return Reason("dynamic", "variables are read or bound by name in this function")
    return None
