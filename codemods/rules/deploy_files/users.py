"""Who runs an image: a USER of its own, where nothing speaks against one, or what does.

Another user can read what the image holds, and write nothing of it but what is everybody's (/tmp).
So it is written only where the process is known and nothing of the project is known to write.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.rules.deploy_files import images
from djfix.codemods.rules.deploy_files.images import Line
from djfix.codemods.rules.deploy_files.programs import Started
from djfix.codemods.rules.deploy_files.surroundings import surroundings_of
from djfix.codemods.rules.deploy_files.values import Advice
from djfix.codemods.source.formats.dockerfile import Dockerfile, Stage

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

USER = "app"
_DEBIAN = re.compile(
    r"(?:docker\.io/)?(?:library/)?python:3(?:\.\d+){0,2}"
    r"(?:-(?:slim|bullseye|bookworm|trixie|slim-(?:bullseye|bookworm|trixie)))?"
)
"""Images that have `useradd`."""

_WRITES = re.compile(
    rb"sqlite|spatialite|MEDIA_ROOT|FileHandler|FileBasedCache|EMAIL_FILE_PATH|FileSystemStorage"
)
_OF_ROOT = re.compile(r"/root\b|~|--user\b|useradd|adduser|\bVIRTUAL_ENV\b")
_LOWEST_PORT = 1024
_STREAMS = frozenset({"-", "/dev/stdout", "/dev/stderr", "/dev/null", "/dev/fd/1", "/dev/fd/2"})
_FILES = (
    *("--access-logfile", "--error-logfile", "--log-file", "--logfile", "-f"),
    *("--pid", "--pidfile", "-p", "--schedule", "-s"),
)
_ROOT = frozenset({"root", "0", "root:root", "0:0"})
_DROPS = re.compile(r"\b(?:gosu|su-exec|setpriv|runuser)\b")


def root_user(
    document: Document, dockerfile: Dockerfile, lines: tuple[Line, ...], project: Project
) -> Advice | Reason | None:
    """The advice for the last stage, why it is left alone, or nothing to say."""
    final = dockerfile.stages[-1]
    user = images.user_of(dockerfile, final)
    if user is not None and user.strip("\"'") not in _ROOT:
        return None
    if user is None and images.ROOT_IMAGE.fullmatch(images.base_of(dockerfile, final)) is None:
        return Reason("unknown-image", "who the image runs as is not known")
    dropping = _dropping(dockerfile, project)
    if dropping:
        return Reason("drops-root", f"{dropping} chooses another user")
    message = "containers of this image run as root"
    why = "it says root itself" if user else _against(dockerfile, lines, project)
    if why:
        text = f"another user would have to own what is written: {why}"
        return Advice("root-user", message, (Reason("who-owns-the-files", text),), text="USER")
    return Advice("root-user", message, *_written(document, final), text="USER")


def _written(
    document: Document, final: Stage
) -> tuple[tuple[Reason, ...], tuple[str, ...], tuple[tuple[int, str], ...]]:
    """The reason, what is added, and where: above the CMD and the comment that belongs to it."""
    line = next(final.named("CMD")).first
    while document.line_text(line - 1).lstrip().startswith("#"):
        line -= 1
    start = sum(len(each) for each in document.lines[: line - 1])
    newline = document.newline
    text = f"RUN useradd --create-home {USER}{newline}USER {USER}{newline}"
    reason = Reason("files-stay-roots", "the process can read the image's files and write none")
    return (reason,), (f"USER {USER}",), ((start, text),)


def _dropping(dockerfile: Dockerfile, project: Project) -> str:
    around = project.shared(surroundings_of)
    if any(_DROPS.search(each.body.text) for each in dockerfile.instructions):
        return "the Dockerfile"
    return around.drops_root or around.user


def _against(dockerfile: Dockerfile, lines: tuple[Line, ...], project: Project) -> str:
    """What speaks against another user, "" if nothing does."""
    final = dockerfile.stages[-1]
    if _DEBIAN.fullmatch(final.image) is None:
        return "the image is not a Debian python by its full name"
    if any(_OF_ROOT.search(each.body.text) for each in dockerfile.instructions):
        return "something is root's, or a user is there already"
    return (
        _of_start(final, lines)
        or _of_ports(final)
        or _of_volumes(final, project)
        or _of_settings(project)
    )


def _of_start(final: Stage, lines: tuple[Line, ...]) -> str:
    starts = [each for each in lines if each.stage is final and each.instruction.name != "RUN"]
    if len(starts) != 1 or starts[0].instruction.name != "CMD":
        return "an ENTRYPOINT decides what runs"
    if final.instructions[-1].name not in ("CMD", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL"):
        return "the image is worked on behind its CMD"
    commands, started = starts[0].commands or (), starts[0].started
    if len(commands) != 1 or len(started) != 1:
        return "more is started than a server or a worker"
    return _of_options(started[0])


def _of_options(started: Started) -> str:
    if started.program not in ("gunicorn", "celery worker") or started.is_unread:
        return "what is started is not known"
    if started.given("-B", "--beat", "--daemon", "-D", "--detach", "--config"):
        return "it writes files of its own, or its configuration says"
    for name in _FILES:
        value = started.value(name)
        if value is not None and value not in _STREAMS:
            return "it writes files of its own"
    if started.program == "gunicorn" and started.given("--bind", "-b"):
        bound = started.value("--bind", "-b")
        port = re.fullmatch(r"[^/]*:(\d+)", bound) if isinstance(bound, str) else None
        if port is None or int(port[1]) < _LOWEST_PORT:
            return "it listens below port 1024, or where is not known"
    return ""


def _of_ports(final: Stage) -> str:
    words = [word for each in final.named("EXPOSE") for word in each.text.split()]
    ports = [word.partition("/")[0] for word in words]
    low = any(not port.isdecimal() or int(port) < _LOWEST_PORT for port in ports)
    return "a port below 1024 is exposed, or one that is not known" if low else ""


def _of_volumes(final: Stage, project: Project) -> str:
    if any(final.named("VOLUME")):
        return "it has a volume"
    path = project.shared(surroundings_of).volumes
    return f"{path} mounts volumes" if path else ""


def _of_settings(project: Project) -> str:
    """What settings say that writes files; settings that are not found may say anything."""
    paths = [each.path for each in project.settings.modules if each.kind != "test"]
    if not paths or not project.settings.running:
        return "the settings were not found"
    found = (path for path in paths if _WRITES.search(project.files.read(path)))
    path = next(found, "")
    return f"{path} names files that are written" if path else ""
