"""Every view of the shop by its own name."""

from django.urls import path
from rest_framework.routers import SimpleRouter
from shop import api, pages, reports

router = SimpleRouter()
router.register("orders", api.OrderViewSet, basename="order")
router.register("ledger", reports.LedgerViewSet, basename="ledger")
router.register("accounts", api.AccountViewSet, basename="account")

urlpatterns = [
    path("create-order/", api.CreateOrderView.as_view()),
    path("pay/<int:pk>/", api.PayOrderView.as_view()),
    path("transfer/", api.TransferView.as_view()),
    path("gift/", api.GiftView.as_view()),
    path("nested/", api.NestedReturnView.as_view()),
    path("two/", api.TwoResultsView.as_view()),
    path("inline/", api.InlineInputView.as_view()),
    path("late/", api.LateInputView.as_view()),
    path("whole/", api.WholeDataView.as_view()),
    path("atomic/", api.AtomicView.as_view()),
    path("atomic-inside/", api.ReturnInsideAtomicView.as_view()),
    path("decorated/", api.DecoratedView.as_view()),
    path("try/", api.TryView.as_view()),
    path("loop/", api.LoopReturnView.as_view()),
    path("validated/", api.ValidatedView.as_view()),
    path("payload/", api.PayloadView.as_view()),
    path("formatted/", api.FormattedPayloadView.as_view()),
    path("rebound/", api.ReboundView.as_view()),
    path("local/", api.LocalImportView.as_view()),
    path("text/", api.LongTextView.as_view()),
    path("commit/", api.OnCommitView.as_view()),
    path("self/", api.SelfStateView.as_view()),
    path("success/", api.EarlySuccessView.as_view()),
    path("finally/", api.FinallyView.as_view()),
    path("put/<int:pk>/", api.UpdateOrderView.as_view()),
    path("generic/", api.OrderListView.as_view()),
    path("refund/<int:pk>/", api.refund_order),
    path("page/cancel/<int:pk>/", pages.cancel_order),
    path("page/checkout/", pages.checkout),
    path("page/invite/", pages.InviteView.as_view()),
    path("page/create/", pages.NoteCreateView.as_view()),
    path("page/delete/<int:pk>/", pages.DeleteOrderView.as_view()),
    path("page/tips/", pages.tip),
    path("page/session/", pages.basket),
    path("page/close/<int:pk>/", pages.close_order),
    path("search/", reports.OrderSearchView.as_view()),
    path("turnover/", reports.TurnoverView.as_view()),
    path("buyers/", reports.BuyersView.as_view()),
    path("owner/<int:pk>/", reports.owner_page),
    *router.urls,
]
