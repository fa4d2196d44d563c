"""Who receives the signals of a model, as far as the project's own source says.

Django sends with `sender` set to the exact class of the instance (`Model.save_base`): a receiver
connected to a parent or a concrete base does not hear its children, and a proxy is its own sender.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.signal_facts import Registration, SignalFacts
from djfix.codemods.project.signal_names import MODEL_SIGNALS, SENT_SIGNALS
from djfix.codemods.project.test_files import is_test

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

SIGNALS = "django.db.models.signals."
RECEIVER = "django.dispatch.receiver"
GET_USER_MODEL = "django.contrib.auth.get_user_model"
_LABEL = re.compile(r"\w+\.\w+")
USER_SETTING = "django.conf.settings.AUTH_USER_MODEL"


_HOLDING = frozenset({"list", "tuple", "set", "dict"})


@dataclass(frozen=True, slots=True)
class Receiver:
    """One function connected to one signal of one sender.

    `path` and `line` are of the connection, `function` is the handler's dotted name (or how it is
    spelled). `signal`: "post_save", ... `sender`: the model's dotted name; None for every model's,
    which `sender_unknown` tells from one that could not be resolved; of that one `sender_label`
    ("shop.Order") may still be known. `only_created`: for existing
    rows it does nothing. `reads`, `stores`: attributes of the instance that its own body loads and
    assigns; `reads` None: it hands the instance on, or could not be read.
    """

    path: str
    line: int
    function: str
    signal: str
    sender: str | None = None
    sender_unknown: bool = False
    sender_label: str | None = None
    only_created: bool = False
    reads: frozenset[str] | None = None
    stores: frozenset[str] = field(default=frozenset())
    mentions_update_fields: bool = False
    dispatch_uid: str = ""
    handler_path: str | None = None
    handler_line: int = 0


def receivers_of(project: Project, model: str, signals: Collection[str]) -> tuple[Receiver, ...]:
    """The receivers that hear these signals ("post_save" or dotted) of this model: connected to
    it, to every model, or to a sender that could not be resolved. In order of path and line."""
    wanted = {name.rpartition(".")[2] for name in signals}
    found = [each for each in all_receivers(project) if each.signal in wanted]
    return tuple(each for each in found if _may_hear(project, each, model))


def _may_hear(project: Project, receiver: Receiver, model: str) -> bool:
    if receiver.sender is not None or receiver.sender_label is None:
        return receiver.sender in (None, model)
    own = project.model(model, partial=True)
    return own is None or own.label.lower() == receiver.sender_label.lower()


def all_receivers(project: Project) -> tuple[Receiver, ...]:
    """All connections to Django's model signals in the project, in order of path and line."""
    return project.connections


def find_receivers(project: Project) -> tuple[Receiver, ...]:
    """As `all_receivers`, read anew."""
    linking = _Linking(project)
    found = [each for path in candidate_paths(project) for each in linking.of_file(path)]
    return tuple(
        sorted(set(found), key=lambda each: (each.path, each.line, each.signal, str(each)))
    )


def candidate_paths(project: Project) -> tuple[str, ...]:
    """The files that may connect something: those that spell a model signal, and those that call
    `.connect(` and spell `signals`."""
    files = project.files
    paths = set(files.containing(*sorted(each.encode() for each in SENT_SIGNALS)))
    connecting = frozenset(files.containing(b".connect("))
    paths.update(files.containing(b"signals", b"Signals", b"SIGNALS", among=connecting))
    return tuple(path for path in sorted(paths) if not is_test(project, path))


@dataclass(frozen=True, slots=True)
class _Sender:
    """`model` None: every model, or with `is_unknown` one that could not be resolved."""

    model: str | None = None
    label: str | None = None
    is_unknown: bool = False


_UNKNOWN = _Sender(is_unknown=True)


@dataclass
class _Linking:
    """Resolves the registrations of files."""

    project: Project

    def of_file(self, path: str) -> Iterator[Receiver]:
        for registration in self.facts(path).registrations:
            for signal in self.signals(path, registration):
                yield self.receiver(path, registration, signal)

    def facts(self, path: str) -> SignalFacts:
        return self.project.signal_facts(path)

    # -- signals ------------------------------------------------------------------------------

    def signals(self, path: str, registration: Registration) -> tuple[str, ...]:
        """The model signals that a registration may mean; none if it is of other signals."""
        found = {self.signal(path, each, registration) for each in registration.signal.walk()}
        if registration.signal.kind == "other" and _is_signal_like(registration):
            data = self.project.files.read(path)
            found |= {name for name in MODEL_SIGNALS if name.encode() in data}
        signals = {name for name in found if name is not None}
        return tuple(sorted(signals or self.listed(path, registration)))

    def signal(self, path: str, each: ExpressionFacts, registration: Registration) -> str | None:
        if each.kind == "call" and each.function is not None:
            # getattr(signals, "post_save")
            name = each.arguments[1].string if len(each.arguments) > 1 else None
            return name if name in MODEL_SIGNALS and each.function.name == "getattr" else None
        if each.kind != "name":
            return None
        resolved = self.resolve(path, each, registration)
        last = (resolved or each.name).rpartition(".")[2]
        is_djangos = resolved is None or resolved.startswith(SIGNALS)
        return last if is_djangos and last in MODEL_SIGNALS else None

    def listed(self, path: str, registration: Registration) -> set[str]:
        """The signals of a list or dictionary: all of it for one under a key."""
        signal = registration.signal
        holder = signal.items[0] if signal.kind == "subscript" and signal.items else signal
        if holder.kind != "name":
            return set()
        value = self.project.value_of(path, holder.name)
        names = {each.name.rpartition(".")[2] for each in value.walk()} if value else set()
        return names & MODEL_SIGNALS if value and value.kind in _HOLDING else set()

    def resolve(self, path: str, each: ExpressionFacts, registration: Registration) -> str | None:
        return self.project.resolve(path, each.name, registration.scope)

    # -- receivers ----------------------------------------------------------------------------

    def receiver(self, path: str, registration: Registration, signal: str) -> Receiver:
        sender = self.sender(path, registration)
        handler_path, name = self.handler(path, registration)
        facts = self.facts(handler_path).handler(name) if handler_path else None
        module = self.project.module_of(handler_path or path)
        only_created = facts is not None and facts.only_created and signal == "post_save"
        return Receiver(
            path=path,
            line=registration.line,
            function=f"{module}.{name}" if module and facts else _spelled(registration.handler),
            signal=signal,
            sender=sender.model,
            sender_unknown=sender.is_unknown,
            sender_label=sender.label,
            only_created=only_created,
            reads=facts.reads if facts else None,
            stores=facts.stores if facts else frozenset(),
            mentions_update_fields=facts is not None and facts.mentions_update_fields,
            dispatch_uid=registration.dispatch_uid,
            handler_path=handler_path if facts else None,
            handler_line=facts.line if facts else 0,
        )

    def handler(self, path: str, registration: Registration) -> tuple[str | None, str]:
        """The file and qualified name of the function that is connected."""
        if registration.decorates:
            return path, registration.decorates
        handler = _unwrapped(registration.handler)
        if handler.kind != "name":
            return None, ""
        if handler.name.startswith("self.") and registration.scope:
            return path, f"{registration.scope[0]}.{handler.name.removeprefix('self.')}"
        own = self.facts(path)
        if own.handler(handler.name) is not None:
            return path, handler.name
        dotted = self.resolve(path, handler, registration)
        return self._place(dotted) if dotted else (None, "")

    def _place(self, dotted: str) -> tuple[str | None, str]:
        module, _, name = dotted.rpartition(".")
        while module:
            path = self.project.path_of(module)
            if path is not None:
                return path, name
            module, _, last = module.rpartition(".")
            name = f"{last}.{name}"
        return None, ""

    # -- senders ------------------------------------------------------------------------------

    def sender(self, path: str, registration: Registration) -> _Sender:
        decorator = registration.decorator
        if decorator is not None and (
            decorator.kind != "name" or self.resolve(path, decorator, registration) != RECEIVER
        ):
            return _UNKNOWN
        if registration.sender is None or registration.sender.is_constant(None):
            return _Sender()
        return self.model(path, registration.sender, registration, 0)

    def model(
        self, path: str, each: ExpressionFacts, registration: Registration, depth: int
    ) -> _Sender:
        if each.string is not None:
            return self._labelled(each.string)
        if each.kind == "call":
            return self._called(path, each, registration)
        if each.kind != "name" or depth > 3:
            return _UNKNOWN
        dotted = self.resolve(path, each, registration)
        if dotted == USER_SETTING:
            return self._user()
        named = self._class_name(dotted) if dotted is not None else None
        if named is not None:
            return _Sender(named)
        through = self._through(dotted) if dotted else None
        if through is not None:
            return _Sender(through)
        value = self.project.value_of(path, each.name)
        return _UNKNOWN if value is None else self.model(path, value, registration, depth + 1)

    def _class_name(self, dotted: str) -> str | None:
        """The name of a class of the project, or of one of a package outside it."""
        info = self.project.class_named(dotted)
        if info is not None:
            return info.name
        name = dotted.rpartition(".")[2]
        is_class = name[:1].isupper() and not name.isupper()
        return dotted if is_class and not self._is_own(dotted) else None

    def _is_own(self, dotted: str) -> bool:
        """Whether a name's top-level package has any module in the project."""
        top = dotted.partition(".")[0]
        return top in self.own_packages or dotted == top

    @cached_property
    def own_packages(self) -> frozenset[str]:
        return frozenset(module.partition(".")[0] for module in self.project.roots.found)

    def _labelled(self, label: str) -> _Sender:
        model = self.project.model_by_label(label, partial=True)
        return _Sender(label=label, is_unknown=True) if model is None else _Sender(model.name)

    def _user(self) -> _Sender:
        model = self.project.user_model(partial=True)
        if model is not None:
            return _Sender(model.name)
        return _Sender(label=self.project.settings.auth_user_model, is_unknown=True)

    def _called(self, path: str, each: ExpressionFacts, registration: Registration) -> _Sender:
        """`get_user_model()`, `apps.get_model("shop.Order")`, `self.get_model("Order")`."""
        function = each.function
        if function is None or function.kind != "name":
            return _UNKNOWN
        named = (each.keyword("app_label"), each.keyword("model_name"))
        given = [*each.arguments, *(item for item in named if item is not None)]
        texts = [item.string or "" for item in given]
        if function.name == "self.get_model" and len(texts) == 1 and texts[0]:
            module = (self.project.module_of(path) or "").rpartition(".")[0]
            app = self.project.settings.app(module)
            return self._labelled(f"{app.label}.{texts[0]}") if app else _UNKNOWN
        if self.resolve(path, function, registration) == GET_USER_MODEL:
            return self._user()
        is_lookup = function.name.rpartition(".")[2] == "get_model"
        label = ".".join(texts)
        return self._labelled(label) if is_lookup and _LABEL.fullmatch(label) else _UNKNOWN

    def _through(self, dotted: str) -> str | None:
        """`Order.items.through`: the declared through model, else a name that is no other's."""
        owner, _, last = dotted.rpartition(".")
        cls, _, name = owner.rpartition(".")
        if last != "through" or not cls:
            return None
        model = self.project.model(cls, partial=True)
        relation = model.fields[name].relation if model and name in model.fields else None
        if relation is None:
            return None
        return relation.through or dotted


def _is_signal_like(registration: Registration) -> bool:
    """Whether what is connected by a variable of unknown value may be a signal at all."""
    given = registration.sender is not None or registration.dispatch_uid
    return bool(given) or "sig" in registration.signal.name.lower()


def _unwrapped(handler: ExpressionFacts) -> ExpressionFacts:
    """What `partial(f, ...)` calls."""
    function = handler.function
    if function is not None and function.name.rpartition(".")[2] == "partial" and handler.arguments:
        return handler.arguments[0]
    return handler


def _spelled(handler: ExpressionFacts) -> str:
    inner = _unwrapped(handler)
    return inner.name if inner.kind == "name" else "a function"
