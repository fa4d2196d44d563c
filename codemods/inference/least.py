"""Answers that rest on each other: the least that agree with themselves, whoever asks first.

A question asked while others are open is answered at once, unless it is open itself or the stack
is deep; then it counts as empty for now, and who rests on it is answered again when it changes.
The cost grows with the number of questions and of changes, not with the length of the chains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")

_DEEPEST = 10
"""How many questions may be open at once: each takes some thirty frames of the stack."""

_MOST_TIMES = 40
"""How often one question is answered anew before its last answer stands."""


class LeastAnswers(Generic[Key, Answer]):
    """Remembered answers; `compute` asks for those of others through `value`.

    `empty` is what is known before anything is: answers only grow from there.
    """

    def __init__(self, compute: Callable[[Key], Answer], empty: Answer) -> None:
        self._compute = compute
        self._empty = empty
        self._answers: dict[Key, Answer] = {}
        self._settled: set[Key] = set()
        self._open: list[Key] = []
        # Who has seen an answer that may still change, and which of these must look again.
        self._users: dict[Key, dict[Key, None]] = {}
        self._waiting: dict[Key, None] = {}
        self._times: Counter[Key] = Counter()
        self._places: dict[Key, int] = {}

    def value(self, key: Key) -> Answer:
        """The answer; within `compute`, as far as it is known."""
        if key in self._settled:
            return self._answers[key]
        if self._open:
            return self._so_far(key)
        self._settle(key)
        return self._answers[key]

    def _settle(self, key: Key) -> None:
        self._waiting[key] = None
        try:
            while self._waiting:
                chosen = self._next()
                del self._waiting[chosen]
                self._answer(chosen)
        finally:
            if self._waiting:
                self._forget()
        self._settled.update(self._times)
        self._places.clear()
        self._times.clear()
        self._users.clear()

    def _next(self) -> Key:
        """First what was never answered; of the rest what was asked last, on which others rest: so
        that news from the end of a chain goes through it once, and not piece by piece."""
        new = next((key for key in self._waiting if key not in self._times), None)
        return new if new is not None else max(self._waiting, key=self._places.__getitem__)

    def _forget(self) -> None:
        """After a failure nothing that is not settled counts."""
        for key in self._times:
            self._answers.pop(key, None)
        for each in (self._times, self._places, self._users, self._waiting, self._open):
            each.clear()

    def _so_far(self, key: Key) -> Answer:
        user = self._open[-1]
        if key not in self._answers and key not in self._open:
            if len(self._open) < _DEEPEST:
                self._waiting.pop(key, None)
                self._answer(key)
            else:
                self._waiting[key] = None
        self._users.setdefault(key, {})[user] = None
        return self._answers.get(key, self._empty)

    def _answer(self, key: Key) -> None:
        self._times[key] += 1
        self._places.setdefault(key, len(self._places))
        if self._times[key] > _MOST_TIMES:
            return
        self._open.append(key)
        answer = self._compute(key)
        self._open.pop()
        if answer != self._answers.get(key, self._empty):
            self._waiting.update(self._users.pop(key, {}))
        self._answers[key] = answer
