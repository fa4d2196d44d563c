"""Whether one settings file serves all environments, and whether it can be split for certain."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Evidence, Finding, Reason, Safety
from djfix.codemods.project.deployment import is_example
from djfix.codemods.project.import_graph import ImportGraph
from djfix.codemods.project.roots import parents
from djfix.codemods.project.setting_files import SettingsModule
from djfix.codemods.project.setting_modules import SettingsReader
from djfix.codemods.rules.split_settings.modules import TITLES, texts_of
from djfix.codemods.rules.split_settings.places import changes_in
from djfix.codemods.rules.split_settings.plan import Plan, TextChange
from djfix.codemods.rules.split_settings.starting import (
    Naming,
    naming_file,
    readers_of_name,
    starters_of,
    still_naming,
)
from djfix.codemods.rules.split_settings.values import Overrides, overrides_of, private_settings

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "split-settings"
SHOWN = 5
"""So many lines of a kind are shown as evidence."""

_SPLITTERS = frozenset({"configurations", "dynaconf", "split_settings", "cbs", "classy_settings"})
_FILE = "settings.py"


@dataclass(frozen=True, slots=True)
class Here:
    """The settings file that is looked at, and the name that it is imported by."""

    document: Document
    project: Project
    module: str

    @property
    def folder(self) -> str:
        """The folder that the package gets."""
        return self.document.path.removesuffix(".py")


def findings_in(document: Document, project: Project) -> Iterator[Finding | Declined]:
    """One finding where a settings file is the only one there is."""
    own = [each for each in project.settings.modules if each.path == document.path]
    if not own:
        return
    reason = _other_way(document, project, own)
    module = project.module_of(document.path)
    if reason is not None or module is None:
        reason = reason or Reason("no-module", "what it is imported by is not known")
        yield Declined(RULE, document.path, 1, reason)
        return
    here = Here(document, project, module)
    namings = starters_of(project, document.path)
    if not any(each.environment != "test" for each in namings):
        text = "no start script names it in DJANGO_SETTINGS_MODULE as a text"
        yield Declined(RULE, document.path, 1, Reason("not-started", text))
        return
    yield _judged(here, namings)


def _other_way(document: Document, project: Project, own: list[SettingsModule]) -> Reason | None:
    """Why these are not settings that all environments share, in one file."""
    path = document.path
    if "settings" in path.split("/")[:-1]:
        return Reason("package-already", "the settings are a package")
    if path.rpartition("/")[2] != _FILE:
        return Reason("other-name", f"the file is not called {_FILE}")
    if len(own) > 1 or own[0].namespace.is_class or _imports_splitter(document):
        return Reason("own-splitting", "a library tells its environments apart")
    if own[0].kind == "test" or is_example(path):
        return Reason("not-deployed", "settings of tests, or of an example")
    others = [each.path for each in project.settings.modules if each.root == own[0].root]
    others = [each for each in others if each != path] or list(_sharing(document, project))
    if others:
        return Reason("split-already", f"{others[0]} holds settings as well")
    return None


def _imports_splitter(document: Document) -> bool:
    names: set[str] = set()
    for node in ast.walk(document.tree):
        if isinstance(node, ast.Import):
            names.update(each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    return not names.isdisjoint(_SPLITTERS)


def _sharing(document: Document, project: Project) -> Iterator[str]:
    """Files of the project that take everything from this one, or give it all that they have."""
    stars = (node for node in _imports_from(document) if node.names[0].name == "*")
    yield from (path for node in stars if (path := _held(document, project, node)))
    for path, line in project.importers(document.path, "INSTALLED_APPS"):
        if "*" in project.files.document(path).line_text(line):
            yield path


def _judged(here: Here, namings: tuple[Naming, ...]) -> Finding:
    changes = list(changes_in(here.document, here.project))
    problems = [each for each in changes if isinstance(each, Reason)]
    problems += _problems(here)
    if problems:
        return _finding(here, Safety.REPORT, tuple(problems), (), {}, None)
    overrides = overrides_of(here.document)
    moved = [each for each in changes if isinstance(each, TextChange)]
    texts = tuple(texts_of(here.folder, overrides, here.document.newline))
    named = [each.change for each in namings]
    plan = Plan(f"{here.folder}/base.py", (*moved, *named), texts)
    found = list(_doubts(here, namings, overrides))
    evidence = tuple(each for _, lines in found for each in lines[:SHOWN])
    reasons = tuple(reason for reason, _ in found)
    return _finding(here, Safety.REVIEW, reasons, evidence, overrides.differs, plan)


def _problems(here: Here) -> Iterator[Reason]:
    """Why the file cannot become a package for certain."""
    document, project = here.document, here.project
    made = [f"{here.folder}/{name}.py" for name in ("__init__", "base", *TITLES)]
    inside = [path for path in project.files.paths if path.startswith(f"{here.folder}/")]
    inside += [path for path in made if project.files.exists(path)]
    if inside:
        yield Reason("folder-in-the-way", f"{inside[0]} stands where the package would")
    names = {
        node.id
        for node in ast.walk(document.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    clashing = sorted(names & {"base", *TITLES})
    if clashing:
        yield Reason("name-clash", f"{clashing[0]} is a variable of the settings")
    if "__all__" in names:
        yield Reason("chosen-names", "__all__ says which names `import *` takes")
    yield from _circles(here)
    yield from _private(here, frozenset(each for each in names if each.startswith("_")))


def _private(here: Here, names: frozenset[str]) -> Iterator[Reason]:
    """What `import *` does not bring and somebody may want: settings, if not certainly set, and
    names that others take from the module."""
    taken = private_settings(here.document)
    for name in sorted({*names, "__file__"} - taken):
        if name.isupper():
            yield Reason("private-name", f"{name} is a setting, but may not be set")
        for path, line in here.project.importers(here.document.path, name)[:1]:
            yield Reason("private-name", f"{path}:{line} takes {name} from the settings")


def _circles(here: Here) -> Iterator[Reason]:
    """A module that the settings import and that imports them: of a module that is still being
    loaded it finds what is there so far, of a package whose base is, nothing."""
    graph = here.project.shared(ImportGraph)
    path = here.document.path
    packages = {f"{each}/__init__.py" for each in parents(path)}
    for edge in graph.edges(path):
        chain = () if edge.target in packages else graph.chain(edge.target, path)
        if chain:
            text = f"{chain[-1].path}:{chain[-1].line} imports them while they are being loaded"
            yield Reason("import-circle", text)
            return


def _doubts(
    here: Here, namings: tuple[Naming, ...], overrides: Overrides
) -> Iterator[tuple[Reason, list[Evidence]]]:
    """What a person is to know, with the lines that it rests on."""
    lines = [
        Evidence(each.change.path, each.change.span.line, f"gets {here.module}.{each.environment}")
        for each in namings
    ]
    text = f"what starts the project gets another module; {here.module} itself stays as it is"
    yield Reason("module-per-environment", text), lines
    yield from ((reason, []) for reason in overrides.reasons)
    yield from _unseen(here)
    direct = list(_direct(here, overrides))
    if direct:
        text = f"code that imports {here.module} sees the values of base, in every environment"
        yield Reason("read-directly", text), direct
    yield from _elsewhere(here, frozenset((each.path, each.line) for each in lines))


def _elsewhere(
    here: Here, changed: frozenset[tuple[str, int]]
) -> Iterator[tuple[Reason, list[Evidence]]]:
    """What other files say of the settings that are left as they are."""
    project, path = here.project, here.document.path
    named = Reason("still-named", f"other files name {here.module}: they get today's values")
    file = Reason("path-named", f"other files name {path}, which moves")
    asked = Reason("name-read", "code asks which settings module is used: the answer is longer")
    for reason, found in (
        (named, still_naming(project, path, here.module, changed)),
        (file, naming_file(project, path)),
        (asked, readers_of_name(project)),
    ):
        shown = list(found)
        if shown:
            yield reason, shown


def _unseen(here: Here) -> Iterator[tuple[Reason, list[Evidence]]]:
    """Local files that the tree does not show: what they take from the settings is not there yet
    while the package is being imported."""
    lines = [
        Evidence(here.document.path, node.lineno, "takes a module that the project does not hold")
        for node in _imports_from(here.document)
        if _may_be_local(here, node)
    ]
    if lines:
        text = (
            f"line {lines[0].line} takes a module that the project does not hold; where that "
            f"imports from {here.module}, it must name {here.module}.base from now on"
        )
        yield Reason("unseen-settings", text), lines


def _may_be_local(here: Here, node: ast.ImportFrom) -> bool:
    """Whether an import may take a file that stands on some machines alone."""
    module = node.module or ""
    is_own = node.level > 0 or module.partition(".")[0] == here.module.partition(".")[0]
    is_star = node.names[0].name == "*" and module != "django.conf.global_settings"
    return (is_own or is_star) and not _held(here.document, here.project, node)


def _imports_from(document: Document) -> Iterator[ast.ImportFrom]:
    nodes = ast.walk(document.tree)
    return (node for node in nodes if isinstance(node, ast.ImportFrom))


def _held(document: Document, project: Project, node: ast.ImportFrom) -> str:
    """The file of an imported module that the project holds; "" for one of this machine alone."""
    found = SettingsReader(project.files, project.roots).imported(document.path, node)
    return found if found is not None and found in project.files.paths else ""


def _direct(here: Here, overrides: Overrides) -> Iterator[Evidence]:
    """Code that reads an overridden setting from the module itself."""
    for name in sorted({each for names in overrides.differs.values() for each in names}):
        for path, line in here.project.importers(here.document.path, name):
            yield Evidence(path, line, f"reads {name} of {here.module}")


def _finding(
    here: Here,
    safety: Safety,
    reasons: tuple[Reason, ...],
    evidence: tuple[Evidence, ...],
    differs: dict[str, tuple[str, ...]],
    plan: Plan | None,
) -> Finding:
    first = here.document.tree.body[0]
    return Finding(
        rule=RULE,
        path=here.document.path,
        span=here.document.span(first),
        symbol=here.module,
        message="one settings file for development, production and tests",
        safety=safety,
        anchor="settings",
        reasons=reasons,
        evidence=evidence,
        data={"setting": "DJANGO_SETTINGS_MODULE", "value": here.module, "differs": differs},
        plan=plan,
    )
