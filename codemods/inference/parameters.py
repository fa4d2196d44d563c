"""What a parameter is: `self`, an annotation, a request, a signal's or admin's object."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.flow.scopes import names_of
from djfix.codemods.inference.values import (
    Instance,
    Items,
    ModelClass,
    Number,
    Plain,
    QuerySet,
    Request,
    Saved,
    Self,
    Unknown,
    Value,
    joined,
)

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference

_REQUESTS = frozenset(
    {
        "django.http.HttpRequest",
        "django.core.handlers.wsgi.WSGIRequest",
        "django.core.handlers.asgi.ASGIRequest",
        "rest_framework.request.Request",
    }
)
_VIEW_CLASSES = ("django.views.generic.View", "rest_framework.views.APIView")
_REQUEST_CLASSES = (*_VIEW_CLASSES, "django.contrib.admin.ModelAdmin")
_VIEW_DECORATORS = frozenset(
    {
        "django.contrib.auth.decorators.login_required",
        "django.contrib.auth.decorators.permission_required",
        "django.contrib.auth.decorators.user_passes_test",
        "django.views.decorators.csrf.csrf_exempt",
        "django.views.decorators.http.require_POST",
        "django.views.decorators.http.require_GET",
        "django.views.decorators.http.require_http_methods",
        "rest_framework.decorators.api_view",
    }
)
_ADMIN_OBJECT = {"save_model": 2, "delete_model": 2, "log_change": 2, "response_change": 2}
_LISTS = frozenset({"list", "set", "typing.List", "typing.Iterable", "collections.abc.Iterable"})
_SCALARS: dict[str, Value] = {
    "int": Number("int"),
    "float": Number("float"),
    "bool": Number("bool"),
    "str": Plain("str"),
    "decimal.Decimal": Number("decimal"),
    "datetime.timedelta": Number("timedelta"),
}


def parameter_value(inference: Inference, name: str) -> Value:
    """What the parameter `name` is on entry, as far as its signature and class tell."""
    arguments = inference.function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    if positional and positional[0].arg == name and inference.owner is not None:
        return _first_of_method(inference)
    for argument in [*positional, *arguments.kwonlyargs]:
        if argument.arg == name and argument.annotation is not None:
            promised = annotated(inference, argument.annotation, "parameter")
            if _is_none_by_default(arguments, argument):
                promised = joined((promised, Plain("none")))
            return _as_called(inference, name, promised)
    if name == "request" and _takes_request(inference):
        return Request()
    handed = _handed_object(inference, name, [item.arg for item in positional])
    return _as_called(inference, name, handed)


def _is_none_by_default(arguments: ast.arguments, wanted: ast.arg) -> bool:
    positional = [*arguments.posonlyargs, *arguments.args]
    last = positional[len(positional) - len(arguments.defaults) :]
    given = [*zip(last, arguments.defaults, strict=True)]
    given += [
        (key, value)
        for key, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if value
    ]
    return any(
        argument is wanted and isinstance(value, ast.Constant) and value.value is None
        for argument, value in given
    )


def _as_called(inference: Inference, name: str, promised: Value) -> Value:
    """What all callers give, where they are all known: a promise may be kept better than made."""
    if not inference.asks_callers or not isinstance(promised, Instance | Unknown):
        return promised
    sites = inference.call_sites(name)
    if sites is None:
        return promised
    given = joined(site.value for site in sites)
    if isinstance(given, Number) and isinstance(promised, Unknown):
        return given
    if not isinstance(given, Instance):
        return promised
    if isinstance(promised, Instance) and not _is_same(inference, given, promised):
        return promised
    origin = promised.origin if isinstance(promised, Instance) else "parameter"
    return replace(given, origin=origin, outlives=True, remote=True)


def _is_same(inference: Inference, given: Instance, promised: Instance) -> bool:
    same = given.model == promised.model
    return same or inference.project.is_subclass(given.model, promised.model) is True


def annotated(inference: Inference, annotation: ast.expr, origin: str) -> Value:
    """What an annotation promises: an instance of unknown saved state, a number, a request."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return _quoted(inference, annotation.value, origin)
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return Plain("none")
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = (annotation.left, annotation.right)
        return joined(annotated(inference, side, origin) for side in sides)
    if isinstance(annotation, ast.Subscript):
        return _generic(inference, annotation, origin)
    return _plain_annotation(inference, annotation, origin)


def _plain_annotation(inference: Inference, annotation: ast.expr, origin: str) -> Value:
    resolved = _resolved(inference, annotation)
    if resolved is None:
        return Unknown("its annotation is not known")
    if resolved in _SCALARS:
        return _SCALARS[resolved]
    if resolved in _REQUESTS:
        return Request()
    if inference.project.model(resolved, partial=True) is not None:
        return Instance(resolved, Saved.UNKNOWN, origin, outlives=True)
    return Unknown(f"it is annotated as {resolved}, which is no model")


def _quoted(inference: Inference, text: str, origin: str) -> Value:
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return Unknown("its annotation does not parse")
    return annotated(inference, expression, origin)


def _resolved(inference: Inference, annotation: ast.expr) -> str | None:
    """What a name in a signature means; the class around a method may have one that hides it."""
    root = annotation
    while isinstance(root, ast.Attribute):
        root = root.value
    own = names_of(inference.owner).bound if inference.owner is not None else frozenset[str]()
    is_hidden = isinstance(root, ast.Name) and root.id in own
    return None if is_hidden else inference.resolve(annotation)


def _generic(inference: Inference, annotation: ast.Subscript, origin: str) -> Value:
    resolved = _resolved(inference, annotation.value)
    if resolved == "typing.Optional":
        return joined((Plain("none"), annotated(inference, annotation.slice, origin)))
    if resolved == "typing.Union" and isinstance(annotation.slice, ast.Tuple):
        return joined(annotated(inference, item, origin) for item in annotation.slice.elts)
    if resolved == "typing.Annotated" and isinstance(annotation.slice, ast.Tuple):
        return annotated(inference, annotation.slice.elts[0], origin)
    if resolved in _LISTS:
        return Items(element=annotated(inference, annotation.slice, origin))
    return Unknown("its annotation is not known")


def _first_of_method(inference: Inference) -> Value:
    decorators = {ast.unparse(item) for item in inference.function.decorator_list}
    if "staticmethod" in decorators:
        return Unknown("a static method's first parameter")
    name = class_name(inference)
    if name is None:
        return Unknown("its class is not known")
    if "classmethod" in decorators:
        return _own_class(inference, name)
    if inference.project.model(name, partial=True) is not None:
        own = Instance(concrete_model(inference, name), Saved.UNKNOWN, "self", outlives=True)
        return _as_called(inference, inference.function.args.args[0].arg, own)
    return Self(name)


def _own_class(inference: Inference, name: str) -> Value:
    """`cls` of a model's class method, where no other model inherits the method."""
    if inference.project.model(name, partial=True) is None:
        return Unknown()
    inheriting = (
        inference.project.model(item, partial=True) for item in inference.project.subclasses(name)
    )
    if any(model is not None for model in inheriting):
        return Unknown("it may be another model, which inherits the method")
    return ModelClass(name)


def concrete_model(inference: Inference, name: str) -> str:
    """The one model that an abstract class is the base of; the class itself if it has several."""
    model = inference.project.model(name, partial=True)
    if model is None or not model.abstract:
        return name
    found = [item for item in inference.project.subclasses(name) if _is_concrete(inference, item)]
    return found[0] if len(found) == 1 else name


def _is_concrete(inference: Inference, name: str) -> bool:
    model = inference.project.model(name, partial=True)
    return model is not None and not model.abstract and not model.proxy


def class_name(inference: Inference) -> str | None:
    """The dotted name of the class whose method this is."""
    module = inference.project.module_of(inference.document.path)
    if module is None or inference.owner is None:
        return None
    return ".".join((module, *inference.scope[:-1]))


def _takes_request(inference: Inference) -> bool:
    name = class_name(inference)
    if name is not None:
        return any(inference.project.is_subclass(name, base) is True for base in _REQUEST_CLASSES)
    decorators = (_called(item) for item in inference.function.decorator_list)
    return any(inference.resolve(item) in _VIEW_DECORATORS for item in decorators)


def is_view(inference: Inference, name: str) -> bool:
    """Whether the class is certainly a Django or REST framework view."""
    return any(inference.project.is_subclass(name, base) is True for base in _VIEW_CLASSES)


def _handed_object(inference: Inference, name: str, positional: list[str]) -> Value:
    model = _signal_model(inference) if name == "instance" else None
    if model is None and name in positional:
        if _is_action(inference) and positional.index(name) == 2:
            return _queryset_of_action(inference)
        model = _admin_model(inference, positional.index(name))
    if model is None:
        return Unknown("it is a parameter without an annotation")
    return Instance(model, Saved.UNKNOWN, "parameter", outlives=True)


def _signal_model(inference: Inference) -> str | None:
    """The sender of `@receiver(signal, sender=Model)`."""
    senders: set[str | None] = set()
    for decorator in inference.function.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        if inference.resolve(decorator.func) != "django.dispatch.receiver":
            continue
        sender = next((item.value for item in decorator.keywords if item.arg == "sender"), None)
        senders.add(_model_of(inference, sender))
    return next(iter(senders)) if len(senders) == 1 else None


def _admin_model(inference: Inference, position: int) -> str | None:
    """The model of an admin class's object hooks."""
    if _ADMIN_OBJECT.get(inference.function.name) != position:
        return None
    return _registered_model(inference)


def _registered_model(inference: Inference) -> str | None:
    """The one model of an admin class that `@admin.register(Model)` names."""
    models: set[str | None] = set()
    for decorator in inference.owner.decorator_list if inference.owner is not None else ():
        if not isinstance(decorator, ast.Call) or len(decorator.args) != 1:
            continue
        if inference.resolve(decorator.func) == "django.contrib.admin.register":
            models.add(_model_of(inference, decorator.args[0]))
    return next(iter(models)) if len(models) == 1 else None


def _is_action(inference: Inference) -> bool:
    decorators = (_called(item) for item in inference.function.decorator_list)
    return any(inference.resolve(item) == "django.contrib.admin.action" for item in decorators)


def _queryset_of_action(inference: Inference) -> Value:
    """The rows that were chosen in an admin list, by filters that this function does not show."""
    model = _registered_model(inference)
    if model is None:
        return Unknown("the model of the admin class is not known")
    return QuerySet(model, ("filter",), remote=True, held=True)


def _model_of(inference: Inference, expression: ast.expr | None) -> str | None:
    resolved = inference.resolve(expression) if expression is not None else None
    if resolved is None or inference.project.model(resolved, partial=True) is None:
        return None
    return resolved


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator
