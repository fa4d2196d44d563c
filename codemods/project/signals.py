"""Who receives the signals of a model, as far as the project's own source says.

Django sends with `sender` set to the exact class of the instance (`Model.save_base`): a receiver
connected to a parent or a concrete base does not hear its children, and a proxy is its own sender.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.signal_facts import (
    SIGNAL_FACTS_VERSION,
    Registration,
    SignalFacts,
    as_plain,
    from_plain,
    signal_facts,
)
from djfix.codemods.source.document import Unreadable

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

SIGNALS = "django.db.models.signals."
MODEL_SIGNALS = frozenset(
    {
        *("pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete"),
        *("m2m_changed", "class_prepared", "pre_migrate", "post_migrate"),
    }
)
RECEIVER = "django.dispatch.receiver"
GET_USER_MODEL = "django.contrib.auth.get_user_model"
GET_MODELS = frozenset({"django.apps.apps.get_model", "django.apps.registry.apps.get_model"})
USER_SETTING = "django.conf.settings.AUTH_USER_MODEL"


@dataclass(frozen=True, slots=True)
class Receiver:
    """One function connected to one signal of one sender.

    `path` and `line` are of the connection, `function` is the handler's dotted name (or how it is
    spelled). `signal`: "post_save", ... `sender`: the model's dotted name; None for every model's,
    which `sender_unknown` tells from one that could not be resolved. `only_created`: for existing
    rows it does nothing. `reads`, `stores`: attributes of the instance that its own body loads and
    assigns; `reads` None: it hands the instance on, or could not be read.
    """

    path: str
    line: int
    function: str
    signal: str
    sender: str | None = None
    sender_unknown: bool = False
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
    return tuple(
        each
        for each in all_receivers(project)
        if each.signal in wanted and (each.sender is None or each.sender == model)
    )


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
    paths: set[str] = set()
    for signal in ("pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete",
                   "m2m_changed"):  # fmt: skip
        paths.update(project.files.containing(signal.encode()))
    connecting = project.files.containing(b".connect(")
    paths.update(set(connecting) & set(project.files.containing(b"signals")))
    return tuple(path for path in sorted(paths) if not _is_test(project, path))


def _is_test(project: Project, path: str) -> bool:
    """Tests connect receivers of their own, which do not run with the project."""
    parts = path.split("/")
    name = parts[-1]
    return (
        "tests" in parts[:-1]
        or "migrations" in parts[:-1]
        or name.startswith("test_")
        or name in ("tests.py", "conftest.py")
        or path.startswith(tuple(project.configuration.test_paths))
    )


@dataclass
class _Linking:
    """Resolves the registrations of files; the facts of a file are read once."""

    project: Project
    _facts: dict[str, SignalFacts] = field(default_factory=dict)

    def of_file(self, path: str) -> Iterator[Receiver]:
        for registration in self.facts(path).registrations:
            for signal in self.signals(path, registration):
                yield self.receiver(path, registration, signal)

    def facts(self, path: str) -> SignalFacts:
        if path not in self._facts:
            self._facts[path] = self._read(path)
        return self._facts[path]

    def _read(self, path: str) -> SignalFacts:
        cache = self.project.cache
        try:
            document = self.project.files.document(path)
        except OSError:
            return SignalFacts()
        key = _key(document.data)
        if cache is not None:
            try:
                return from_plain(cache.get("signals", key))
            except (TypeError, ValueError, IndexError, KeyError):
                pass
        try:
            facts = signal_facts(document)
        except Unreadable:
            return SignalFacts()
        if cache is not None:
            cache.put("signals", key, as_plain(facts))
        return facts

    # -- signals ------------------------------------------------------------------------------

    def signals(self, path: str, registration: Registration) -> tuple[str, ...]:
        """The model signals that a registration may mean; none if it is of other signals."""
        found = {self.signal(path, each, registration) for each in registration.signal.walk()}
        if registration.signal.kind == "other" and _is_signal_like(registration):
            data = self.project.files.read(path)
            found |= {name for name in MODEL_SIGNALS if name.encode() in data}
        return tuple(sorted(name for name in found if name is not None))

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

    def resolve(self, path: str, each: ExpressionFacts, registration: Registration) -> str | None:
        return self.project.resolve(path, each.name, registration.scope)

    # -- receivers ----------------------------------------------------------------------------

    def receiver(self, path: str, registration: Registration, signal: str) -> Receiver:
        sender, is_known = self.sender(path, registration)
        handler_path, name = self.handler(path, registration)
        facts = self.facts(handler_path).handler(name) if handler_path else None
        module = self.project.module_of(handler_path or path)
        only_created = facts is not None and facts.only_created and signal == "post_save"
        return Receiver(
            path=path,
            line=registration.line,
            function=f"{module}.{name}" if module and facts else _spelled(registration.handler),
            signal=signal,
            sender=sender,
            sender_unknown=not is_known,
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

    def sender(self, path: str, registration: Registration) -> tuple[str | None, bool]:
        """(dotted model or None for every model, whether that is known)."""
        decorator = registration.decorator
        if decorator is not None and (
            decorator.kind != "name" or self.resolve(path, decorator, registration) != RECEIVER
        ):
            return None, False
        if registration.sender is None or registration.sender.is_constant(None):
            return None, True
        model = self.model(path, registration.sender, registration, 0)
        return model, model is not None

    def model(
        self, path: str, each: ExpressionFacts, registration: Registration, depth: int
    ) -> str | None:
        if each.string is not None:
            return self._labelled(each.string)
        if each.kind == "call":
            return self._called(path, each, registration)
        if each.kind != "name" or depth > 3:
            return None
        dotted = self.resolve(path, each, registration)
        if dotted == USER_SETTING:
            return self._user()
        if dotted is not None and self.project.class_named(dotted) is not None:
            return dotted
        through = self._through(dotted) if dotted else None
        if through is not None:
            return through
        value = self.project.value_of(path, each.name)
        return None if value is None else self.model(path, value, registration, depth + 1)

    def _labelled(self, label: str) -> str | None:
        model = self.project.model_by_label(label, partial=True)
        return None if model is None else model.name

    def _user(self) -> str | None:
        model = self.project.user_model(partial=True)
        return None if model is None else model.name

    def _called(self, path: str, each: ExpressionFacts, registration: Registration) -> str | None:
        """`get_user_model()`, `apps.get_model("shop.Order")`, `self.get_model("Order")`."""
        function = each.function
        if function is None or function.kind != "name":
            return None
        texts = [item.string for item in each.arguments]
        if function.name == "self.get_model" and texts and texts[0]:
            module = (self.project.module_of(path) or "").rpartition(".")[0]
            app = self.project.settings.app(module)
            return self._labelled(f"{app.label}.{texts[0]}") if app else None
        resolved = self.resolve(path, function, registration)
        if resolved == GET_USER_MODEL:
            return self._user()
        if resolved in GET_MODELS and texts and all(texts):
            return self._labelled(".".join(text for text in texts if text))
        return None

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


def _key(data: bytes) -> str:
    from hashlib import blake2b

    return f"{SIGNAL_FACTS_VERSION}:{blake2b(data, digest_size=20).hexdigest()}"


def _unwrapped(handler: ExpressionFacts) -> ExpressionFacts:
    """What `partial(f, ...)` calls."""
    function = handler.function
    if function is not None and function.name.rpartition(".")[2] == "partial" and handler.arguments:
        return handler.arguments[0]
    return handler


def _spelled(handler: ExpressionFacts) -> str:
    inner = _unwrapped(handler)
    return inner.name if inner.kind == "name" else "a function"
