"""A real worker on a broker of files, and a payment gateway that answers when it is told to.

Both are started for a test and stopped after it; what they write stays in folders of the test's
own. Nothing here waits for a time to pass.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = "tests/projects/payments"
PATIENCE = 120
"""How many seconds a thing that must happen may take on a slow machine."""
FINISHED = frozenset({"SUCCESS", "FAILURE", "REVOKED"})


@dataclass(frozen=True)
class Outcome:
    """What became of a task: Celery's state, and the class of the exception that it ended with."""

    state: str
    exception: str = ""


class Gateway:
    """The other end of `shop.payment_gateway`: every charge waits until the test answers it."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self._open: list[socket.socket] = []

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def called(self) -> int:
        """Waits for the next charge; the order that it is for."""
        connection, _ = self._listener.accept()
        connection.settimeout(PATIENCE)
        self._open.append(connection)
        return int(connection.makefile().readline())

    def answer(self, text: str) -> None:
        """Answers the oldest charge that waits."""
        with self._open.pop(0) as connection:
            connection.sendall(f"{text}\n".encode())

    def close(self) -> None:
        for each in (*self._open, self._listener):
            each.close()


class Worker:
    """A worker of one process over a tree of the project, and what is sent to it."""

    def __init__(self, tree: Path, port: int, options: Sequence[str] = ()) -> None:
        self.tree, self.work = tree, tree / "work"
        for name in ("messages", "control", "results"):
            (self.work / name).mkdir(parents=True)
        self._environment = {
            **os.environ,
            "WORK_FOLDER": str(self.work),
            "GATEWAY_PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._python(_MAKE_TABLES)
        self._log = (self.work / "log").open("w")
        command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker"]
        command += ["-c", "1", "-l", "info", "--without-gossip", "--without-mingle", *options]
        self._process = subprocess.Popen(
            command,
            cwd=tree,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def send(self, *tasks: tuple[str, Any]) -> list[str]:
        """Puts tasks, each with its one argument, into the queue; their ids, in order."""
        ids: list[str] = json.loads(self._python(_SEND, json.dumps(tasks)))
        return ids

    def outcome(self, task: str) -> Outcome:
        """Waits until a task has finished, whichever way."""
        for _ in range(PATIENCE * 20):
            found = self._now(task)
            if found.state in FINISHED:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{found}; the worker says:\n{self.log}")

    def is_unfinished(self, task: str) -> bool:
        """Whether a task has not finished by now."""
        return self._now(task).state not in FINISHED

    def orders(self) -> list[Mapping[str, Any]]:
        """The rows of all orders."""
        rows: list[Mapping[str, Any]] = json.loads(self._python(_ORDERS))
        return rows

    @property
    def log(self) -> str:
        """What the worker has said so far."""
        return (self.work / "log").read_text()

    def stop(self) -> None:
        """Ends the worker with all its children, hung ones too."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()

    def _now(self, task: str) -> Outcome:
        try:
            found = json.loads((self.work / "results" / f"celery-task-meta-{task}").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return Outcome("PENDING")
        result = found["result"] if found["status"] != "SUCCESS" else None
        return Outcome(found["status"], result.get("exc_type", "") if result else "")

    def _python(self, code: str, *arguments: str) -> str:
        command = [sys.executable, "-c", code, *arguments]
        result = subprocess.run(
            command,
            cwd=self.tree,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout


_MAKE_TABLES = """
import django
django.setup()
from django.db import connection
from shop.models import Order
with connection.schema_editor() as editor:
    editor.create_model(Order)
Order.objects.create()
"""

_SEND = """
import json, sys, time
from config.celery import app
ids = []
for name, given in json.loads(sys.argv[1]):
    ids.append(app.send_task(name, [given]).id)
    time.sleep(0.01)  # The broker's order is that of milliseconds in its files' names.
print(json.dumps(ids))
"""

_ORDERS = """
import json
import django
django.setup()
from shop.models import Order
print(json.dumps(list(Order.objects.order_by("id").values())))
"""


def copied(project_root: Path, folder: Path) -> Path:
    """A copy of the project, to change and to run."""
    ignored = shutil.ignore_patterns("__pycache__", "db.sqlite3")
    return Path(shutil.copytree(project_root / PROJECT, folder / "payments", ignore=ignored))
