"""Child process under pip's own interpreter: finds and saves archives without building them.

`pip download` prepares the metadata of a source archive by running its build, which is the
project's own code. pip's finder and session alone run nothing, and honour pip's configuration:
its indexes, mirrors, certificates, proxies and credentials. They are not a public interface of pip,
so they are used here only, in a process of its own.

Reads `[[release, filename, destination], ...]` from stdin, or `--newest` and release names, and
prints one JSON object for each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pip._internal.commands import create_command


def main(arguments: list[str]) -> None:
    command: Any = create_command("download")
    options, _ = command.parse_args(["--no-deps", "--quiet", "unused"])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(
            options=options, session=session, ignore_requires_python=True
        )
        if arguments[:1] == ["--newest"]:
            report(newest(finder, arguments[1:]))
        else:
            report(saved(finder, session, json.load(sys.stdin)))


def report(lines: Iterable[dict[str, str]]) -> None:
    for line in lines:
        print(json.dumps(line), flush=True)


def newest(finder: Any, releases: list[str]) -> Iterator[dict[str, str]]:
    """The files of each project's newest final release."""
    for release in releases:
        candidates = [
            candidate
            for candidate in finder.find_all_candidates(release)
            if not candidate.version.is_prerelease
        ]
        version = max((candidate.version for candidate in candidates), default=None)
        for candidate in candidates:
            if candidate.version == version:
                link = candidate.link
                yield {"release": release, "archive": link.filename, "sha256": link.hash}


def saved(finder: Any, session: Any, wanted: list[list[str]]) -> Iterator[dict[str, str]]:
    """Writes each wanted file whole; an absent one is said so, not raised."""
    for release, filename, destination in wanted:
        links = [
            candidate.link
            for candidate in finder.find_all_candidates(release)
            if candidate.link.filename == filename
        ]
        if not links:
            yield {"archive": filename, "error": "the package index does not list it"}
            continue
        save(session, links[0], Path(destination))
        yield {"archive": filename}


def save(session: Any, link: Any, destination: Path) -> None:
    address = link.url_without_fragment
    if link.is_file:
        destination.write_bytes(Path(link.file_path).read_bytes())
        return
    # Without this header, a server may send a .tar.gz decompressed and its hash would not match.
    response = session.get(address, headers={"Accept-Encoding": "identity"}, stream=True)
    response.raise_for_status()
    with destination.open("wb") as file:
        for chunk in response.iter_content(1 << 20):
            file.write(chunk)


if __name__ == "__main__":
    main(sys.argv[1:])
