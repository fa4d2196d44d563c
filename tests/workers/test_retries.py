"""Real workers: what fails for a moment is tried again, as `celery-retries` writes it, and what the
rule's page says of Celery is so."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from working import Gateway, Worker

PAYMENT, RECEIPT = ("shop.tasks.process_payment", 1), ("shop.tasks.write_receipt", 1)
RETRIED = "retry: Retry in"
"""What a worker says of a task that it will try again."""

BARE = "@shared_task\ndef process_payment"
CHARGE = "    response = payment_gateway.charge(order_id)\n"
SWALLOWING = (
    "    try:\n        response = payment_gateway.charge(order_id)\n"
    "    except Exception:\n        return\n"
)

Start = Callable[..., Worker]


def rewritten(tree: Path, form: str, *, soft_limit: int = 600) -> Path:
    """The tree as djfix leaves it, told that a payment may be made twice."""
    (tree / "requirements.txt").write_text("celery==5.7.0\n")
    command = [sys.executable, "-m", "djfix", "apply", "--no-stage", "--unsafe"]
    command += ["--rule", "celery-limits", "--rule", "celery-retries"]
    options = {
        "celery-limits.soft-time-limit": str(soft_limit),
        "celery-limits.time-limit": str(2 * soft_limit + 60),
        "celery-retries.form": form,
        "celery-retries.default-retry-delay": "1",
        "celery-retries.max-retries": "1",
        "celery-retries.repeatable": "*.process_payment",
    }
    command += [each for item in options.items() for each in ("--set", "=".join(item))]
    subprocess.run(command, cwd=tree, capture_output=True, check=True)
    written = (tree / "shop" / "tasks.py").read_text()
    assert ("raise self.retry(" in written) is (form == "bind")
    assert ("autoretry_for=(" in written) is (form == "autoretry")
    return tree


def decorated(tree: Path, options: str, charge: str = CHARGE) -> Path:
    """The tree with options at the decorator of the payment, and another body."""
    path = tree / "shop" / "tasks.py"
    text = path.read_text()
    assert BARE in text
    assert CHARGE in text
    text = text.replace(BARE, f"@shared_task({options})\ndef process_payment")
    path.write_text(text.replace(CHARGE, charge))
    return tree


def deadly(tree: Path) -> Path:
    """The tree with a gateway that may end the process that asks it."""
    path = tree / "shop" / "payment_gateway.py"
    text = path.read_text()
    asked = '    if answer == "busy":\n'
    assert asked in text
    dying = '    if answer == "die":\n        os.kill(os.getpid(), 9)\n'
    path.write_text(text.replace(asked, dying + asked))
    return tree


@pytest.mark.parametrize("form", ["autoretry", "bind"])
def test_failure_that_passes_is_tried_again_and_then_done(
    tree: Path, worker_of: Start, gateway: Gateway, form: str
) -> None:
    worker = worker_of(rewritten(tree, form))
    (payment,) = worker.send(PAYMENT)
    assert gateway.called() == 1
    gateway.answer("busy")
    assert gateway.called() == 1
    gateway.answer("charged")
    assert worker.outcome(payment).state == "SUCCESS"
    assert [row["status"] for row in worker.orders()] == ["paid"]


@pytest.mark.parametrize("form", ["autoretry", "bind"])
def test_failure_that_stays_ends_as_itself(
    tree: Path, worker_of: Start, gateway: Gateway, form: str
) -> None:
    worker = worker_of(rewritten(tree, form))
    (payment,) = worker.send(PAYMENT)
    for _ in range(2):
        assert gateway.called() == 1
        gateway.answer("busy")
    assert worker.outcome(payment).exception == "PaymentGatewayTimeout"
    assert [row["status"] for row in worker.orders()] == ["new"]


def test_without_retries_the_first_failure_is_the_last(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    worker = worker_of(decorated(tree, "max_retries=3, default_retry_delay=1"))
    (payment,) = worker.send(PAYMENT)
    assert gateway.called() == 1
    gateway.answer("busy")
    assert worker.outcome(payment).exception == "PaymentGatewayTimeout"
    assert RETRIED not in worker.log


@pytest.mark.parametrize("form", ["autoretry", "bind"])
def test_soft_time_limit_is_not_tried_again(
    tree: Path, worker_of: Start, gateway: Gateway, form: str
) -> None:
    worker = worker_of(rewritten(tree, form, soft_limit=1))
    (payment,) = worker.send(PAYMENT)
    assert gateway.called() == 1
    assert worker.outcome(payment).exception == "SoftTimeLimitExceeded"
    assert RETRIED not in worker.log


def test_soft_time_limit_is_tried_again_where_every_exception_is(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    options = "autoretry_for=(Exception,), max_retries=1, retry_backoff=True, soft_time_limit=1"
    worker = worker_of(decorated(tree, options))
    (payment,) = worker.send(PAYMENT)
    assert gateway.called() == 1
    assert gateway.called() == 1
    assert worker.outcome(payment).exception == "SoftTimeLimitExceeded"
    assert RETRIED in worker.log


def test_swallowed_exception_never_fires_autoretry_and_is_reported(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    options = "autoretry_for=(payment_gateway.PaymentGatewayTimeout,), retry_backoff=True"
    changed = decorated(tree, options, SWALLOWING)
    assert "swallowed" in reasons(changed)
    worker = worker_of(changed)
    (payment,) = worker.send(PAYMENT)
    assert gateway.called() == 1
    gateway.answer("busy")
    assert worker.outcome(payment).state == "SUCCESS"
    assert RETRIED not in worker.log
    assert [row["status"] for row in worker.orders()] == ["new"]


def reasons(tree: Path) -> list[str]:
    """The names of the reasons that djfix gives for the payment."""
    command = [sys.executable, "-m", "djfix", "check", "--rule", "celery-retries", "-o", "json"]
    result = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    found = json.loads(result.stdout)["findings"]
    return [reason.partition(":")[0] for each in found for reason in each["reasons"]]


def test_late_acknowledgement_alone_loses_the_task_with_its_process(
    tree: Path, worker_of: Start, gateway: Gateway
) -> None:
    worker = worker_of(deadly(decorated(tree, "acks_late=True")))
    payment, receipt = worker.send(PAYMENT, RECEIPT)
    assert gateway.called() == 1
    gateway.answer("die")
    assert worker.outcome(payment).exception == "WorkerLostError"
    assert worker.outcome(receipt).state == "SUCCESS"
    assert [row["status"] for row in worker.orders()] == ["new"]


@pytest.mark.parametrize("form", ["autoretry", "bind"])
def test_task_that_djfix_acknowledges_late_is_given_out_again(
    tree: Path, worker_of: Start, gateway: Gateway, form: str
) -> None:
    worker = worker_of(deadly(rewritten(tree, form)))
    (payment,) = worker.send(PAYMENT)
    assert gateway.called() == 1
    gateway.answer("die")
    assert gateway.called() == 1
    gateway.answer("charged")
    assert worker.outcome(payment).state == "SUCCESS"
    assert [row["status"] for row in worker.orders()] == ["paid"]
