"""Real workers: a task that hangs holds up the queue, and with the limits of `celery-limits` ends.

What is said of spellings, pools and settings is seen here as well, with no djfix in between.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from working import Gateway, Worker, copied

PAYMENT, RECEIPT = ("shop.tasks.process_payment", 1), ("shop.tasks.write_receipt", 1)
LONGER = 3.5
"""Seconds to wait for what never happens: more than the longest limit that a test sets."""

BOTH = "soft_time_limit=1, time_limit=2"

Start = Callable[..., Worker]
Hung = dict[str, tuple[Worker, Gateway, list[str]]]


HANGING: dict[str, tuple[Callable[[Path], Path], tuple[str, ...]]] = {
    "no_limit": (lambda tree: tree, ()),
    "misspelt_options": (lambda tree: decorated(tree, "soft_time_limt=1, time_limt=2"), ()),
    "pool_solo": (lambda tree: decorated(tree, BOTH), ("--pool", "solo")),
    "pool_threads": (lambda tree: decorated(tree, BOTH), ("--pool", "threads")),
    "settings_without_the_word_of_the_namespace": (
        lambda tree: configured(tree, "CELERY_TIME_LIMIT = 2\nCELERYD_TIME_LIMIT = 2"),
        (),
    ),
    "own_limit_in_place_of_the_global_one": (
        lambda tree: configured(decorated(tree, "time_limit=60"), "CELERY_TASK_TIME_LIMIT = 2"),
        (),
    ),
}
"""How the tree is changed, and the worker's options, where a hung task is not ended."""


@pytest.fixture(scope="module")
def hung(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hung]:
    """All of them at once: a hung payment, a receipt behind it, and time for any limit to come."""
    found: Hung = {}
    for name, (changed, options) in HANGING.items():
        gateway, tree = Gateway(), changed(copied(project_root, tmp_path_factory.mktemp(name)))
        found[name] = (Worker(tree, gateway.port, options), gateway, [])
    for worker, gateway, ids in found.values():
        ids += worker.send(PAYMENT, RECEIPT)
        assert gateway.called() == 1
    time.sleep(LONGER)
    yield found
    for worker, gateway, _ in found.values():
        worker.stop()
        gateway.close()


@pytest.mark.parametrize("name", HANGING)
def test_hung_task_holds_up_the_queue_until_the_gateway_answers(hung: Hung, name: str) -> None:
    worker, gateway, (payment, receipt) = hung[name]
    assert worker.is_unfinished(payment)
    assert worker.is_unfinished(receipt)
    gateway.answer("charged")
    assert worker.outcome(payment).state == "SUCCESS"
    assert worker.outcome(receipt).state == "SUCCESS"


def is_ended(worker: Worker, gateway: Gateway, exception: str) -> None:
    """A hung payment that its limit ends, and a receipt that is written behind it."""
    payment, receipt = worker.send(PAYMENT, RECEIPT)
    assert gateway.called() == 1
    assert worker.outcome(receipt).state == "SUCCESS"
    assert worker.outcome(payment).exception == exception
    assert [(row["status"], row["receipt"]) for row in worker.orders()] == [("new", "written")]


def decorated(tree: Path, options: str) -> Path:
    """The tree with options at the decorator of the payment."""
    path = tree / "shop" / "tasks.py"
    text = path.read_text()
    bare = "@shared_task\ndef process_payment"
    assert bare in text
    path.write_text(text.replace(bare, f"@shared_task({options})\ndef process_payment"))
    return tree


def configured(tree: Path, setting: str) -> Path:
    """The tree with one more setting."""
    with (tree / "config" / "settings.py").open("a") as file:
        file.write(f"{setting}\n")
    return tree


def test_task_with_the_limits_that_djfix_writes_is_ended(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    command = [sys.executable, "-m", "djfix", "apply", "--no-stage", "--rule", "celery-limits"]
    command += ["--set", "celery-limits.soft-time-limit=1", "--set", "celery-limits.time-limit=3"]
    subprocess.run(command, cwd=tree, capture_output=True, check=True)
    written = "@shared_task(soft_time_limit=1, time_limit=3)\ndef process_payment(order_id):"
    assert written in (tree / "shop" / "tasks.py").read_text()
    is_ended(worker_of(tree), gateway, "SoftTimeLimitExceeded")


def test_body_that_swallows_the_soft_limit_is_ended_by_the_hard_one(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    limited = decorated(tree, "soft_time_limit=1, time_limit=3")
    path = limited / "shop" / "tasks.py"
    charge = "    response = payment_gateway.charge(order_id)\n"
    again = (
        "    while True:\n        try:\n            response = payment_gateway.charge(order_id)\n"
        "            break\n        except Exception:\n            continue\n"
    )
    path.write_text(path.read_text().replace(charge, again))
    is_ended(worker_of(limited), gateway, "TimeLimitExceeded")


def test_setting_under_the_namespace_is_a_limit(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    limited = configured(tree, "CELERY_TASK_SOFT_TIME_LIMIT = 1")
    is_ended(worker_of(limited), gateway, "SoftTimeLimitExceeded")
