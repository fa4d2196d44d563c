"""Loads one settings module and answers with a digest of each value; run by the project's Python.

Stands alone: djfix hands this file's text to another interpreter, in which djfix need not be.
Files that djfix would write are seen as if they were there (`sources`), those that it would remove
as if they were not (`gone`). The digests are keyed with what the asking process alone knows, so
that no value, and no secret, leaves the process.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import re
import sys
import traceback
import types
from typing import Any, ClassVar

DEEP = 40


class _Loader(importlib.machinery.SourceFileLoader):
    """The source as it would be written; nothing is compiled to the disk."""

    sources: ClassVar[dict[str, bytes]] = {}

    def get_data(self, path: Any) -> bytes:
        if path in self.sources:
            return self.sources[path]
        raise OSError(path)

    def path_stats(self, path: Any) -> Any:
        raise OSError(path)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds what would be written before anything on the disk."""

    def __init__(self, sources: dict[str, bytes], gone: frozenset[str]) -> None:
        self.sources = sources
        self.gone = gone

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        name = fullname.rpartition(".")[2]
        for entry in sys.path if path is None else path:
            base = os.path.join(os.path.abspath(entry or os.curdir), name)
            for file in (os.path.join(base, "__init__.py"), base + ".py"):
                if file in self.sources:
                    return _spec(fullname, file)
                if os.path.exists(file) and file not in self.gone:
                    return None
        return None


def _spec(fullname: str, file: str) -> Any:
    folders = [os.path.dirname(file)] if file.endswith("__init__.py") else None
    return importlib.util.spec_from_file_location(
        fullname, file, loader=_Loader(fullname, file), submodule_search_locations=folders
    )


def _described(value: Any, own: str, above: tuple[int, ...] = ()) -> Any:
    """A value in words that are the same for equal values, of whichever module they come."""
    kind = type(value)
    module = "" if kind.__module__.startswith(own) else kind.__module__
    name = module + "." + kind.__qualname__
    if id(value) in above or len(above) > DEEP:
        return name
    inside = (*above, id(value))
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return [name, repr(value)]
    if isinstance(value, dict):
        pairs = value.items()
        return [name, [[_described(k, own, inside), _described(v, own, inside)] for k, v in pairs]]
    if isinstance(value, (list, tuple)):
        return [name, [_described(each, own, inside) for each in value]]
    if isinstance(value, (set, frozenset)):
        return [name, sorted(json.dumps(_described(each, own, inside)) for each in value)]
    if isinstance(value, types.ModuleType):
        return [name, value.__name__]
    if isinstance(value, type):
        where = "" if value.__module__.startswith(own) else value.__module__
        return [name, where, value.__qualname__]
    if isinstance(value, types.FunctionType):
        return [name, value.__qualname__, _code(value.__code__)]
    if isinstance(value, os.PathLike):
        return [name, os.fspath(value)]
    if isinstance(value, re.Pattern):
        return [name, repr(value.pattern), value.flags]
    if kind.__name__ == "__proxy__":
        return ["lazy", _described(value.__reduce__()[1], own, inside)]
    plain = getattr(value, "__dict__", None)
    if plain:
        return [name, _described(dict(sorted(plain.items(), key=str)), own, inside)]
    return [name, re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))]


def _code(code: types.CodeType) -> Any:
    constants = code.co_consts
    inner = [_code(each) if isinstance(each, types.CodeType) else repr(each) for each in constants]
    return [code.co_code.hex(), list(code.co_names), inner]


def _digest(value: Any, own: str, key: bytes) -> str:
    try:
        text = json.dumps(_described(value, own))
    except Exception as error:  # noqa: BLE001 - a value that cannot be described
        text = type(error).__name__
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _failure(error: BaseException, folder: str) -> dict[str, Any]:
    """What went wrong, and where in the project: never in the error's own words."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if os.path.abspath(each.filename).startswith(folder + os.sep)]
    place = [os.path.relpath(own[-1].filename, folder), own[-1].lineno] if own else None
    missing = error.name if isinstance(error, ImportError) else None
    return {"error": type(error).__name__, "place": place, "missing": missing}


def main() -> None:
    asked = json.loads(sys.stdin.read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.dont_write_bytecode = True
    folder = os.getcwd()
    sys.path[: 1 if sys.path[0] == "" else 0] = [folder]
    # What the settings ask it for is which command of manage.py runs.
    sys.argv = ["manage.py", "check"]
    sources = {name: base64.b64decode(data) for name, data in asked["sources"].items()}
    _Loader.sources = sources
    sys.meta_path.insert(0, _Finder(sources, frozenset(asked["gone"])))
    key = bytes.fromhex(asked["key"])
    try:
        module = importlib.import_module(asked["module"])
        names = [name for name in dir(module) if name.isupper()]
        values = {name: _digest(getattr(module, name), asked["own"], key) for name in names}
        answer = {"values": values}
    except BaseException as error:  # noqa: BLE001 - also SystemExit: settings may do anything
        answer = _failure(error, folder)
    with open(asked["answer"], "w") as stream:
        json.dump(answer, stream)
    os._exit(0)


if __name__ == "__main__":
    main()
