from django.urls import path
from django.utils.module_loading import import_string
from django.views import View

from endpoints import ENDPOINTS


def as_view(name):
    view = import_string(name)
    return view.as_view() if isinstance(view, type) else view


# What links lead to.
urlpatterns = [
    path("books/<int:pk>/", View.as_view(), name="book-detail"),
    path("authors/<int:pk>/", View.as_view(), name="author-detail"),
    path("authors/<str:name>/", View.as_view(), name="author-by-name"),
    path("tags/<int:pk>/", View.as_view(), name="tag-detail"),
]
urlpatterns += [
    path(f"{endpoint.name}/", as_view(endpoint.view)) for endpoint in ENDPOINTS if endpoint.view
]
