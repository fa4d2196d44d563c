"""The requests that are answered before and after, several for each view."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    name: str
    path: str
    data: object = field(default_factory=dict)
    method: str = "POST"
    user: str = "ann"
    balance: str = "100.00"
    form: bool = False


ITEMS = {"items": [{"price": 10, "qty": 2}, {"price": 5, "qty": 1}], "note": "thanks"}
BAD = {"items": [{"price": 10, "qty": 2}, {"price": 5, "qty": 1, "color": "red"}]}
PARTIAL = {"items": [{"price": 10, "qty": 2}, {"qty": 1, "price": None}]}
NEGATIVE = {"items": [{"price": 10, "qty": -2}]}


def _api(name, path, *bodies, method="POST"):
    for number, body in enumerate(bodies):
        yield Request(f"{name}-{number}", path, body, method)
    yield Request(f"{name}-poor", path, bodies[0], method, balance="0.50")
    yield Request(f"{name}-list", path, [1, 2], method)
    yield Request(f"{name}-broken", path, "{", method)
    yield Request(f"{name}-bob", path, bodies[0], method, user="bob")


def _page(name, path, *bodies, method="POST"):
    for number, body in enumerate(bodies):
        yield Request(f"{name}-{number}", path, body, method, form=True)
    yield Request(f"{name}-poor", path, bodies[0], method, balance="0.50", form=True)
    yield Request(f"{name}-bob", path, bodies[0], method, user="bob", form=True)


def _queries(name, *paths):
    for number, path in enumerate(paths):
        yield Request(f"{name}-{number}", path, {}, "GET")
        yield Request(f"{name}-{number}-bob", path, {}, "GET", user="bob")


REQUESTS = [
    *_api("create", "/create-order/", ITEMS, BAD, PARTIAL, NEGATIVE, {"items": []}, {}),
    *_api("pay", "/pay/1/", {}),
    *_api("pay-paid", "/pay/3/", {}),
    *_api("pay-missing", "/pay/9/", {}),
    *_api(
        "transfer",
        "/transfer/",
        {"amount": "5.00", "to": "bob"},
        {"amount": "5.00", "to": "eve"},
        {"amount": "x", "to": "bob"},
        {"to": "bob"},
        {"amount": "1"},
        {"amount": "7", "to": "ann"},
    ),
    *_api(
        "gift",
        "/gift/",
        {"points": 2, "to": "ann"},
        {"points": 0, "to": "bob", "text": "hello"},
        {"points": 0, "to": "eve"},
        {"points": "x", "to": "bob"},
        {"to": "bob"},
        {"points": 1},
    ),
    *_api("nested", "/nested/", {}),
    *_api("two", "/two/", {}),
    *_api("inline", "/inline/", {"note": "x"}, {}),
    *_api("late", "/late/", {"note": "x"}, {}),
    *_api("whole", "/whole/", {**ITEMS, "text": "t"}, ITEMS, {"note": "x"}, {}, BAD),
    *_api("atomic", "/atomic/", {"note": "x"}, {}),
    *_api("atomic-inside", "/atomic-inside/", {}),
    *_api("decorated", "/decorated/", {}),
    *_api("try", "/try/", {"total": 5, "amount": 5}, {"total": 60}, {"total": 5}, {}),
    *_api("loop", "/loop/", ITEMS, NEGATIVE, {"items": [{"qty": 1}, {"qty": 0}]}, {}),
    *_api("validated", "/validated/", ITEMS, BAD, PARTIAL, {"items": []}, {}),
    *_api("payload", "/payload/", {}),
    *_api("formatted", "/formatted/", {}),
    *_api("rebound", "/rebound/", {"total": 4}, {}),
    *_api("local", "/local/", {}),
    *_api("text", "/text/", {}),
    *_api("commit", "/commit/", {}),
    *_api("self", "/self/", {}),
    *_api("success", "/success/", {}),
    *_api("finally", "/finally/", {}),
    *_api("put", "/put/1/", {"note": "n"}, {}, method="PUT"),
    *_api("put-missing", "/put/9/", {"note": "n"}, method="PUT"),
    *_api("delete", "/put/1/", {}, method="DELETE"),
    *_api("generic", "/generic/", {"note": "x", "total": 3}, {}),
    *_api("destroy", "/orders/1/", {}, method="DELETE"),
    *_api("cancel", "/orders/1/cancel/", {"reason": "late"}, {}),
    *_api("cancel-again", "/orders/2/cancel/", {}),
    *_api("split", "/orders/1/split/", {}),
    *_api("split-nothing", "/orders/2/split/", {}),
    *_api("account", "/accounts/", {"username": "eve"}, {"username": "bob"}, {}),
    *_api("rename", "/accounts/2/", {"first_name": "Bob"}, {}, method="PATCH"),
    *_api("rename-missing", "/accounts/9/", {"first_name": "Bob"}, method="PATCH"),
    *_api("refund", "/refund/3/", {}),
    *_api("refund-nothing", "/refund/1/", {}),
    *_page("page-cancel", "/page/cancel/1/", {}),
    *_page("page-cancel-again", "/page/cancel/2/", {}),
    *_page("page-cancel-missing", "/page/cancel/9/", {}),
    *_page("checkout", "/page/checkout/", {"name": "n", "amount": "3"}, {"name": "n"}, {}),
    *_page("checkout-odd", "/page/checkout/", {"name": "n", "amount": "x"}),
    *_page("checkout-get", "/page/checkout/", {}, method="GET"),
    *_page("invite", "/page/invite/", {"name": "eve", "points": "3"}, {"name": "bob", "points": 1}),
    *_page("invite-odd", "/page/invite/", {"name": "eve"}),
    *_page("note", "/page/create/", {"note": "x"}, {}),
    *_page("remove", "/page/delete/1/", {}),
    *_page("remove-missing", "/page/delete/9/", {}),
    *_page("tip", "/page/tips/", {"amount": "2"}, {"amount": "x"}, {}),
    *_page("basket", "/page/session/", {}),
    *_queries(
        "search",
        "/search/",
        "/search/?status=new",
        "/search/?status=cancelled&least=25",
        "/search/?least=x",
    ),
    *_queries("turnover", "/turnover/", "/turnover/?status=new", "/turnover/?status=nothing"),
    *_queries("buyers", "/buyers/"),
    *_queries("open", "/ledger/open/"),
    *_queries("owner", "/owner/1/", "/owner/2/", "/owner/9/"),
    *_page("close", "/page/close/1/", {}),
]
