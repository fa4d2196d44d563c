"""Real workers: a task that hangs holds up the queue, and with the limits of `celery-limits` ends.

What is said of spellings, pools and settings is seen here as well, with no djfix in between.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.workers.conftest import Gateway, Worker

PAYMENT, RECEIPT = ("shop.tasks.process_payment", 1), ("shop.tasks.write_receipt", 1)
LONGER = 3.5
"""Seconds to wait for what never happens: more than the longest limit that a test sets."""

Start = Callable[..., "Worker"]


def test_hung_task_holds_up_the_queue_until_the_gateway_answers(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    holds_up(worker_of(tree), gateway)


def holds_up(worker: Worker, gateway: Gateway) -> None:
    """A hung payment, and a receipt that waits behind it for as long as it hangs."""
    payment, receipt = worker.send(PAYMENT, RECEIPT)
    assert gateway.called() == 1
    assert worker.is_unfinished(receipt, LONGER)
    assert worker.is_unfinished(payment, 0)
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


def test_misspelt_option_is_no_limit(tree: Path, worker_of: Start, gateway: Gateway) -> None:
    holds_up(worker_of(decorated(tree, "soft_time_limt=1, time_limt=2")), gateway)


@pytest.mark.parametrize("pool", ["solo", "threads"])
def test_pool_that_passes_over_both_limits(
    tree: Path, worker_of: Start, gateway: Gateway, pool: str
) -> None:
    limited = decorated(tree, "soft_time_limit=1, time_limit=2")
    holds_up(worker_of(limited, "--pool", pool), gateway)


def test_setting_without_the_namespace_s_word_is_no_limit(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    limited = configured(tree, "CELERY_TIME_LIMIT = 2\nCELERYD_TIME_LIMIT = 2")
    holds_up(worker_of(limited), gateway)


def test_setting_under_the_namespace_is_a_limit(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    limited = configured(tree, "CELERY_TASK_SOFT_TIME_LIMIT = 1")
    is_ended(worker_of(limited), gateway, "SoftTimeLimitExceeded")


def test_limit_of_the_task_takes_the_place_of_the_global_one(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    limited = configured(decorated(tree, "time_limit=60"), "CELERY_TASK_TIME_LIMIT = 2")
    holds_up(worker_of(limited), gateway)
