"""The git index: what it holds for a path, what git would store of a file, and replacing entries.

What is staged is known before anything is written. git itself turns a file's bytes into what it
stores (`text`, `eol`, `working-tree-encoding`, `ident`), in an index and a work tree set aside
for the purpose; the real index then takes all new entries in one locked replacement.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from djfix.codemods.staging.git import Git, zero_ended, zero_joined
from djfix.codemods.staging.refusal import Refused, refuse

ALONE = (
    "-c",
    "core.splitIndex=false",
    "-c",
    "core.sparseCheckout=false",
    "-c",
    "index.sparse=false",
)
"""For the index set aside: it is small, and nothing of it may land in the git dir."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as git stores it: mode in octal ("100644", "100755") and the blob's id in hex."""

    mode: str
    blob: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What the index holds for a path. `tag` is `ls-files -v`'s: H, S, M; lower case: assumed."""

    path: str
    tag: str
    stage: int
    stored: Stored


def listed(git: Git, paths: Sequence[str]) -> tuple[Listed, ...]:
    """The index's entries of these paths, several for one that is unmerged."""
    output = git.over("ls-files", "-z", "-v", "--stage", paths=paths)
    return tuple(_listed(record) for record in zero_ended(output))


def _listed(record: str) -> Listed:
    fields, path = record.split("\t", 1)
    tag, mode, blob, stage = fields.split(" ")
    return Listed(path, tag, int(stage), Stored(mode, blob))


def head(git: Git) -> str | None:
    """The commit that HEAD names; None in a repository without commits."""
    status, output, _ = git.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return output.decode("ascii").strip() if status == 0 else None


def committed(git: Git, paths: Sequence[str], commit: str | None) -> dict[str, Stored]:
    """What a commit holds of these paths."""
    if commit is None:
        return {}
    found = {}
    for record in zero_ended(git.over("ls-tree", "--full-tree", "-z", commit, paths=paths)):
        fields, path = record.split("\t", 1)
        mode, _, blob = fields.split(" ")
        found[path] = Stored(mode, blob)
    return found


def blobs(git: Git, names: Iterable[str]) -> dict[str, bytes]:
    """Contents by blob id."""
    wanted = sorted(set(names))
    output = git.run("cat-file", "--batch", data="".join(f"{name}\n" for name in wanted).encode())
    found = {}
    for name in wanted:
        line, _, output = output.partition(b"\n")
        size = line.rsplit(b" ", 1)[-1]
        if not size.isdigit():
            raise refuse(f"git does not have the object {name}", "git fsck")
        found[name], output = output[: int(size)], output[int(size) + 1 :]
    return found


def store(git: Git, data: bytes) -> str:
    """The id of a blob with exactly these bytes."""
    return git.run("hash-object", "-w", "-t", "blob", "--stdin", data=data).decode().strip()


def filters(git: Git, paths: Sequence[str]) -> dict[str, str]:
    """The paths that have a `filter` attribute, with its value."""
    output = git.run("check-attr", "-z", "--stdin", "filter", data=zero_joined(paths))
    fields = output.decode("utf-8", "surrogateescape").split("\0")
    found = zip(fields[0::3], fields[2::3], strict=False)
    return {path: value for path, value in found if value not in ("unspecified", "unset")}


def attribute_files(paths: Iterable[str]) -> tuple[str, ...]:
    """The `.gitattributes` files that may speak of these paths, whether they exist or not."""
    folders = {folder for path in paths for folder in PurePosixPath(path).parents}
    return tuple(sorted((folder / ".gitattributes").as_posix() for folder in folders))


def converted(
    git: Git, sides: Sequence[Mapping[str, bytes]], entries: Mapping[str, Stored]
) -> tuple[dict[str, str], ...]:
    """For each side, the blob ids that git would store for these contents of these paths.

    `entries` are the index's: those of the paths, because an index that holds CRLF keeps git from
    turning it into LF, and those of `attribute_files`, for attributes that are not checked out.
    Paths must have no filter attribute (`filters`).
    """
    with tempfile.TemporaryDirectory(prefix="djfix-") as name:
        aside = Path(name)
        alone = git.with_environment(GIT_INDEX_FILE=str(aside / "index"))
        replace_entries(alone, entries, options=ALONE)
        trees = [(aside / str(number), side) for number, side in enumerate(sides)]
        return tuple(_converted(alone, tree, aside / "index", side) for tree, side in trees)


def _converted(git: Git, tree: Path, prepared: Path, side: Mapping[str, bytes]) -> dict[str, str]:
    """In a work tree and an index of the side's own."""
    own = tree.with_suffix(".index")
    if prepared.exists():
        shutil.copyfile(prepared, own)
    tree.mkdir()
    for name in attribute_files(side):
        file = git.folder / name
        if file.is_file() and not file.is_symlink():
            _place(tree / name, file.read_bytes())
    for path, data in side.items():
        _place(tree / path, data)
    there = git.with_environment(GIT_INDEX_FILE=str(own), GIT_WORK_TREE=str(tree)).at(tree)
    there.run(*ALONE, "update-index", "-z", "--add", "--stdin", data=zero_joined(side))
    return {entry.path: entry.stored.blob for entry in listed(there, tuple(side))}


def _place(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def replace_entries(
    git: Git, entries: Mapping[str, Stored | None], *, options: Sequence[str] = ()
) -> None:
    """Sets or (None) removes entries, all or none: git writes the index anew and renames it."""
    if not entries:
        return
    # A path may stand where a folder was, or the other way round: removals go first.
    ordered = sorted(entries.items(), key=lambda item: item[1] is not None)
    nothing = "0 " + "0" * _width(git, entries)
    records = [
        f"{stored.mode} {stored.blob} 0\t{path}" if stored else f"{nothing}\t{path}"
        for path, stored in ordered
    ]
    git.run(*options, "update-index", "-z", "--index-info", data=zero_joined(records))


def _width(git: Git, entries: Mapping[str, Stored | None]) -> int:
    """How long an object's id is: 40, or 64 in a repository that counts in SHA-256."""
    for stored in entries.values():
        if stored:
            return len(stored.blob)
    return len(git.run("hash-object", "-t", "blob", "--stdin").strip())


def refresh(git: Git, paths: Sequence[str]) -> None:
    """Lets git note the files' times, so that plumbing commands do not take them for changed.

    Only of these paths: for others git might run a filter. Whether it succeeds does not matter.
    """
    writing = git.with_environment(GIT_OPTIONAL_LOCKS="1")
    options = ("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all")
    with contextlib.suppress(Refused):
        writing.over(*options, paths=paths)


def ignored(git: Git, paths: Sequence[str]) -> frozenset[str]:
    """Those of the paths that `.gitignore` and its kin keep out."""
    # This command alone takes no literal path specifications; "./" keeps a name from being magic.
    plain = git.with_environment(GIT_LITERAL_PATHSPECS="0")
    named = zero_joined(f"./{path}" for path in paths)
    _, output, _ = plain.attempt("check-ignore", "-z", "--stdin", data=named)
    return frozenset(record.removeprefix("./") for record in zero_ended(output))


def commits_since(git: Git, commit: str | None, paths: Sequence[str]) -> tuple[str, ...]:
    """The commits after `commit` (None: all) that touch the paths, newest first."""
    since = (f"^{commit}",) if commit else ()
    found = git.over("rev-list", "HEAD", *since, paths=paths).decode("ascii").split()
    return tuple(dict.fromkeys(found))


def keeps_modes(git: Git) -> bool:
    """Whether git minds the executable bit here (core.fileMode)."""
    _, output, _ = git.attempt("config", "--type=bool", "core.fileMode")
    return output.strip() != b"false"
