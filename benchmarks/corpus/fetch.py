"""Brings the pinned archives onto the disk and makes a git repository of each."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.corpus.manifest import Archive
from benchmarks.corpus.unpack import unpack

DOWNLOAD = Path(__file__).with_name("download.py")


class FetchError(Exception):
    """An archive could not be had, or is not the pinned one."""


def fetch(archives: Sequence[Archive], corpus: Path) -> None:
    """Afterwards `corpus/<project>` is a repository of each pinned archive's files.

    What is there already (by hash) is left alone. Raises FetchError, with each missing file.
    """
    downloads = corpus / ".archives"
    downloads.mkdir(parents=True, exist_ok=True)
    missing = [a for a in archives if not has_hash(downloads / a.filename, a.sha256)]
    if missing:
        download(missing, downloads)
    for archive in archives:
        prepare(archive, downloads / archive.filename, corpus / archive.project)


def download(archives: Sequence[Archive], downloads: Path) -> None:
    wanted = [[a.release, a.filename, str(downloads / (a.filename + ".partial"))] for a in archives]
    answers = run_downloader([], json.dumps(wanted))
    errors = [f"{a['archive']}: {a['error']}" for a in answers if "error" in a]
    if errors:
        raise FetchError("\n".join(errors))
    for archive in archives:
        partial = downloads / (archive.filename + ".partial")
        if not has_hash(partial, archive.sha256):
            raise FetchError(f"{archive.filename} does not have the pinned sha256")
        partial.rename(downloads / archive.filename)


def newest(archives: Sequence[Archive]) -> str:
    """The newest release of each project, as entries of the manifest (source archive if any)."""
    answers = run_downloader(["--newest", *(a.release for a in archives)], "")
    return "\n".join(manifest_entry(archive, answers) for archive in archives)


def manifest_entry(archive: Archive, answers: Sequence[dict[str, str]]) -> str:
    files = [answer for answer in answers if answer["release"] == archive.release]
    files.sort(key=lambda answer: answer["archive"].endswith(".whl"))
    if not files:
        raise FetchError(f"no release of {archive.release}")
    first = files[0]
    return (
        f'[{archive.project}]\nrelease = "{archive.release}"\n'
        f'archive = "{first["archive"]}"\nsha256 = "{first["sha256"]}"\n'
    )


def run_downloader(arguments: Sequence[str], request: str) -> list[dict[str, str]]:
    command = [sys.executable, str(DOWNLOAD), *arguments]
    done = subprocess.run(command, input=request, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FetchError(done.stderr.strip() or "pip's downloader failed")
    return [json.loads(line) for line in done.stdout.splitlines()]


def has_hash(path: Path, sha256: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def prepare(archive: Archive, downloaded: Path, folder: Path) -> None:
    """Unpacks and commits, unless the folder already holds this archive."""
    mark = folder / ".git" / "archive-sha256"
    if mark.is_file() and mark.read_text() == archive.sha256:
        return
    if folder.exists():
        shutil.rmtree(folder)
    unpack(downloaded, folder)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", archive.filename)
    mark.write_text(archive.sha256)


def git(folder: Path, *arguments: str) -> str:
    """Runs git with nobody's configuration, so that every machine has the same repository."""
    settings = ["core.autocrlf=false", "user.name=corpus", "user.email=corpus@localhost"]
    # A repository that packs itself in the background can't be copied meanwhile.
    settings += ["gc.auto=0", "maintenance.auto=false"]
    options = [part for setting in settings for part in ("-c", setting)]
    command = ["git", "-C", str(folder), *options, *arguments]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FetchError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout
