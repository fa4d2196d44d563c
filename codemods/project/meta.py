"""A model's options: its own `class Meta`, those it inherits, and its app label.

As `ModelBase.__new__` and `Options.contribute_to_class` have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from djfix.codemods.project.classes import ClassInfo
from djfix.codemods.project.facts import ClassFacts, ExpressionFacts
from djfix.codemods.project.fields import Context

MODEL = "django.db.models.Model"


@dataclass(frozen=True, slots=True)
class Options:
    """The effective attributes of Meta with the files whose names they use.

    `own`: whether the class has a Meta of its own. `unclear`: bases of Meta could not be read.
    """

    values: Mapping[str, ExpressionFacts]
    paths: Mapping[str, str]
    unclear: bool = False

    def flag(self, name: str, default: bool) -> bool:
        value = self.values.get(name)
        return default if value is None else not value.is_constant(False) and bool(value.value)

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        return None if value is None else value.string

    def names(self, name: str) -> tuple[str, ...]:
        value = self.values.get(name)
        if value is None or value.kind not in {"list", "tuple"}:
            return ()
        return tuple(each.string or each.name or "?" for each in value.items)


NOTHING = Options({}, {})


def is_abstract(context: Context, info: ClassInfo) -> bool:
    """Whether a model class is abstract: only its own Meta says so, never an inherited one."""
    if info.known is not None:
        return info.known.model is None or info.known.model.abstract
    own = None if info.facts is None else info.facts.nested("Meta")
    if own is None or info.path is None:
        return False
    value = _flattened(context, info, own).values.get("abstract")
    return value is not None and value.is_constant(True)


def effective_options(context: Context, info: ClassInfo) -> Options:
    """The options of a model class, by its own Meta or the one it inherits as an attribute."""
    return _attribute(context, info, is_model_itself=True)


def _attribute(context: Context, info: ClassInfo, *, is_model_itself: bool) -> Options:
    """What `cls.Meta` gives. A concrete model's own Meta is no attribute of the class."""
    order = context.classes.ancestors(info.name)
    for position, name in enumerate(order):
        ancestor = context.classes.class_named(name)
        if ancestor is None:
            continue
        is_own = position == 0 and is_model_itself
        is_model = MODEL in context.classes.ancestors(name)
        if is_model and not is_own and not is_abstract(context, ancestor):
            continue
        found = _own_options(context, ancestor)
        if found is not None:
            return found if is_own or not is_model else _without_abstract(found)
    return NOTHING


def _own_options(context: Context, info: ClassInfo) -> Options | None:
    if info.facts is not None:
        own = info.facts.nested("Meta")
        return None if own is None else _flattened(context, info, own)
    known = info.known.model if info.known is not None else None
    if known is None or not known.abstract:
        return None
    names = tuple(ExpressionFacts("constant", value=each) for each in known.ordering)
    ordering = {"ordering": ExpressionFacts("list", items=names)} if names else {}
    return Options({"abstract": ExpressionFacts("constant", value=True), **ordering}, {})


def _flattened(context: Context, info: ClassInfo, meta: ClassFacts) -> Options:
    """A Meta with what it takes from its own bases (`class Meta(Parent.Meta)`)."""
    values: dict[str, ExpressionFacts] = {}
    paths: dict[str, str] = {}
    unclear = meta.is_open
    assert info.path is not None
    for base in reversed(meta.bases):
        inherited = _base_options(context, info, base)
        unclear = unclear or inherited is None or inherited.unclear
        if inherited is not None:
            values |= inherited.values
            paths |= inherited.paths
    for each in meta.assignments:
        if each.value is not None and not each.operator:
            values[each.target] = each.value
            paths[each.target] = info.path
        elif each.operator:
            unclear = True
    return Options(values, paths, unclear)


def _base_options(context: Context, info: ClassInfo, base: ExpressionFacts) -> Options | None:
    if base.kind != "name" or info.path is None or info.facts is None:
        return None
    owner, _, last = base.name.rpartition(".")
    scope = info.qualname
    if last == "Meta" and owner:
        resolved = context.classes.names.resolve(info.path, owner, scope, info.line)
        parent = None if resolved is None else context.classes.class_named(resolved)
        if parent is None:
            return None
        return _without_abstract(_attribute(context, parent, is_model_itself=False))
    resolved = context.classes.names.resolve(info.path, base.name, scope, base.line)
    if resolved is None:
        return None
    if resolved in _EMPTY:
        return NOTHING
    plain = context.classes.class_named(resolved)
    if plain is None or plain.facts is None:
        return NOTHING if resolved == "builtins.object" else None
    return _flattened(context, plain, plain.facts)


_EMPTY = frozenset(
    {
        "django_stubs_ext.db.models.TypedModelMeta",
        "django_stubs_ext.TypedModelMeta",
        "builtins.object",
    }
)


def _without_abstract(options: Options) -> Options:
    """`abstract` is set back to False on a Meta once its class is made."""
    values = {key: value for key, value in options.values.items() if key != "abstract"}
    return Options(values, options.paths, options.unclear)
