from django.urls import path
from django.utils.module_loading import import_string
from django.views import View
from rest_framework.routers import SimpleRouter

from catalog.views import which
from endpoints import ENDPOINTS


def as_view(name):
    view = import_string(name)
    return view.as_view() if isinstance(view, type) else view


# What links lead to; `book-detail` is the name that the router makes of a queryset.
urlpatterns = [
    path("authors/<int:pk>/", View.as_view(), name="author-detail"),
    path("authors/<str:name>/", View.as_view(), name="author-by-name"),
    path("tags/<int:pk>/", View.as_view(), name="tag-detail"),
]
urlpatterns += [
    path(f"{endpoint.name}/", as_view(endpoint.view)) for endpoint in ENDPOINTS if endpoint.view
]

router = SimpleRouter()
router.register("by-action", which.ByAction, basename="by-action")
router.register("by-dict", which.ByDict, basename="by-dict")
router.register("actions", which.Actions, basename="actions")
router.register("stale", which.Stale, basename="stale")
router.register("writes-keys", which.WritesKeys)
router.register("stock-writes", which.StockWrites, basename="stock-writes")
urlpatterns += router.urls
