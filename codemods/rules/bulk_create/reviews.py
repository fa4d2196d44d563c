"""The reasons to ask for review: flat, each named."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.inference.patches import Patches
from djfix.codemods.inference.put_over import put_over_reasons
from djfix.codemods.inference.saving.models import save_reasons
from djfix.codemods.inference.transactions import ATOMIC, transaction_around
from djfix.codemods.inference.values import Instance, QuerySet
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.models import Field
from djfix.codemods.rules.bulk_create.asked import is_asked_with_code, is_counted
from djfix.codemods.rules.bulk_create.guards import LOST, Guard, doubts_of
from djfix.codemods.rules.bulk_create.places import Place
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.walking import children


def runs_code_on_save(place: Place) -> Iterator[Reason]:
    for reason in save_reasons(place.project, place.model, sees="no row of bulk_create"):
        if reason.name not in LOST:
            yield reason


def runs_code_on_init(place: Place) -> Iterator[Reason]:
    for receiver in place.project.receivers(place.model.name, ("pre_init", "post_init"))[:1]:
        text = f"{receiver.function} hears of each object that is made, before any row is there"
        yield Reason("unknown-code", text)


def does_more(place: Place) -> Iterator[Reason]:
    for reason in doubts_of(place):
        if reason.name != "reads-the-table":
            yield reason


def is_unpacked(place: Place) -> Iterator[Reason]:
    if place.unpacked or place.creation.made.call.args:
        text = "which columns are given is not known; a key among them would change their order"
        yield Reason("unpacked", text)
    for name in place.given:
        field = place.model.field(name)
        if field is None or not field.is_column:
            text = f"{name} is no column of {place.model.label}: code may set it"
            yield Reason("not-a-column", text)
        elif field.primary_key:
            yield Reason("given-key", "rows without a key are created after those that have one")


def writes_files(place: Place) -> Iterator[Reason]:
    """Files are stored when their rows are written (`FileField.pre_save`)."""
    for name in place.given:
        field = place.model.field(name)
        if field is not None and field.class_name.rpartition(".")[2] in {"FileField", "ImageField"}:
            yield Reason("file-field", f"the files of {name} are all stored before the first row")


def has_default_code(place: Place) -> Iterator[Reason]:
    for field in place.others:
        if field.unclear or (field.default is not None and not _is_harmless(place, field)):
            text = f"the default of {place.model.label}.{field.name} runs code, perhaps on the rows"
            yield Reason("default-code", text)


_DEFAULTS = frozenset(
    {
        *("uuid.uuid4", "uuid.uuid1", "list", "dict", "set", "builtins.list", "builtins.dict"),
        *("django.utils.timezone.now", "datetime.datetime.now", "datetime.date.today"),
        *("django.utils.timezone.localdate", "datetime.datetime.utcnow", "decimal.Decimal"),
        *("datetime.timedelta", "datetime.date", "datetime.datetime", "datetime.time", "str"),
        *("int", "bool", "builtins.set", "builtins.str", "builtins.int", "builtins.bool"),
        *("django.utils.crypto.get_random_string", "secrets.token_urlsafe", "secrets.token_hex"),
    }
)


def _is_harmless(place: Place, field: Field) -> bool:
    """A literal, or a function that reads no row; of one of Django's own classes, any."""
    if field.path is None and field.is_django_own and field.declared_in.startswith("django."):
        return True
    assert field.default is not None
    return _is_value(place, field, field.default)


def _is_value(place: Place, field: Field, default: ExpressionFacts) -> bool:
    if default.kind == "constant":
        return True
    if default.kind in {"unary", "binary", "list", "tuple", "dict"}:
        return all(_is_value(place, field, each) for each in default.items)
    called = default.function if default.kind == "call" else default
    if called is None or field.path is None:
        return False
    if called.kind != "name":
        return False
    if default.kind == "call":
        # Called once, where the class is made: what it gives is a value, or is called later.
        return _resolved(place, field, called.name) in _DEFAULTS
    resolved = _resolved(place, field, called.name)
    if resolved in _DEFAULTS:
        return True
    return _is_constant(place, field, called.name) or _is_member(place, resolved)


def _resolved(place: Place, field: Field, name: str) -> str:
    assert field.path is not None
    scope = (field.declared_in.rpartition(".")[2],)
    found = place.project.resolve(field.path, name, scope) or place.project.resolve(
        field.path, name
    )
    return (found or "").removeprefix("builtins.")


def _is_constant(place: Place, field: Field, name: str) -> bool:
    assert field.path is not None
    own = field.declared_in.rpartition(".")[2]
    for spelled in (f"{own}.{name}", name):
        value = place.project.value_of(field.path, spelled)
        if value is not None:
            return value.kind == "constant"
    return False


def _is_member(place: Place, dotted: str) -> bool:
    """A member of an enumeration: `Status.NEW`."""
    owner, _, _ = dotted.rpartition(".")
    bases = ("django.db.models.TextChoices", "django.db.models.IntegerChoices", "enum.Enum")
    return any(place.project.is_subclass(owner, base) is True for base in bases)


def is_perhaps_prefetched(place: Place) -> Iterator[Reason]:
    """`order.items.create()` drops the items that were prefetched with `order` (Django 5.2)."""
    value = place.owner_value
    if not isinstance(value, Instance):
        return
    if value.optional:
        yield Reason("optional-owner", f"{ast.unparse(place.owner or ast.Constant(0))} may be None")
    if value.origin not in {"create", "new"} or value.outlives:
        text = f"{ast.unparse(place.owner or ast.Constant(0))} may hold rows that were prefetched"
        yield Reason("perhaps-prefetched", text)


def has_routers(place: Place) -> Iterator[Reason]:
    """A relation's manager tells the router of which object the rows are."""
    if place.is_related and place.project.settings.routers is True:
        yield Reason("database-router", "DATABASE_ROUTERS may choose by the object of the relation")


def is_not_atomic(place: Place) -> Iterator[Reason]:
    """Where a row fails, the loop keeps those before it, and `bulk_create` none (measured)."""
    document, statement = place.inference.document, place.creation.statement
    found = transaction_around(place.project, document, statement)
    text = ""
    if found is None:
        text = "where a row fails, those before it stay; bulk_create keeps all or none"
    elif found.using is not None or _is_of_other_database(place):
        text = "the transaction may be of another database than the rows"
    elif found.how == "request" and _is_exempt_somewhere(place):
        text = "non_atomic_requests may take the view out of its request's transaction"
    elif found.how != "with" and _is_generator(place):
        text = "a generator runs after its decorator's transaction, or its request's, has ended"
    if text:
        yield Reason("not-atomic", text)


def _is_of_other_database(place: Place) -> bool:
    chosen = isinstance(place.rows, QuerySet) and "using" in place.rows.methods
    return chosen or place.project.settings.routers is True


def _is_generator(place: Place) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(place))


def _own_nodes(place: Place) -> Iterator[ast.AST]:
    """The nodes of the function itself, without those of inner functions."""
    waiting: list[ast.AST] = [*place.inference.function.body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, FunctionNode | ast.Lambda):
            waiting.extend(children(node))


def _is_exempt_somewhere(place: Place) -> bool:
    """Decorators in other places (`urls.py`, `method_decorator`), and views that catch."""
    if any(place.project.files.containing(b"non_atomic_requests")):
        return True
    module = place.project.module_of(place.inference.document.path)
    owner = place.inference.owner
    if owner is None:
        return False
    members = (place.project.method(f"{module}.{owner.name}", each) for each in _CATCHING)
    return any(each is not None and each.path is not None for each in members)


_CATCHING = ("dispatch", "handle_exception", "set_rollback")


def is_caught(place: Place) -> Iterator[Reason]:
    """A row that fails is caught, and the transaction goes on with those before it."""
    document = place.inference.document
    inner: ast.AST = place.creation.statement
    while (outer := document.parents.get(inner)) is not None:
        if isinstance(outer, FunctionNode | ast.Lambda):
            return
        if isinstance(outer, ast.Try | ast.TryStar) and outer.handlers and inner in outer.body:
            text = f"line {outer.lineno} catches what a row raises, with the rows before it"
            yield Reason("exceptions-caught", text)
            return
        if isinstance(outer, ast.With) and any(_may_suppress(place, each) for each in outer.items):
            text = f"line {outer.lineno} may catch what a row raises"
            yield Reason("exceptions-caught", text)
            return
        inner = outer


_PASSING = frozenset(
    {
        *(ATOMIC, "open", "io.open", "codecs.open", "zipfile.ZipFile", "gzip.open"),
        *(
            "tempfile.TemporaryDirectory",
            "tempfile.NamedTemporaryFile",
            "django.test.utils.override",
        ),
        *("django.utils.translation.override", "django.utils.timezone.override"),
    }
)


def _may_suppress(place: Place, item: ast.withitem) -> bool:
    called = item.context_expr
    function = called.func if isinstance(called, ast.Call) else called
    return (place.inference.resolve(function) or "") not in _PASSING


def is_patched(place: Place) -> Iterator[Reason]:
    """The project puts methods of its own over those of Django's querysets, while it runs."""
    where = place.project.shared(Patches).of_queries
    if where:
        yield Reason("patched-query", f"{where}: Django's own query methods are replaced")


def is_put_over(place: Place) -> Iterator[Reason]:
    """Code puts something over `save()` of a model that a variable holds."""
    yield from put_over_reasons(place.project, place.model)


REVIEWS: tuple[Guard, ...] = (
    runs_code_on_save,
    runs_code_on_init,
    does_more,
    is_unpacked,
    writes_files,
    has_default_code,
    is_perhaps_prefetched,
    has_routers,
    is_not_atomic,
    is_caught,
)

LAST: tuple[Guard, ...] = (is_asked_with_code, is_counted, is_patched, is_put_over)
"""As `REVIEWS`; they read files all over the project, and are asked where nothing else is found."""
