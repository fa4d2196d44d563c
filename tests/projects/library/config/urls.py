from django.urls import path
from django.utils.module_loading import import_string

from endpoints import ENDPOINTS


def as_view(name):
    view = import_string(name)
    return view.as_view() if isinstance(view, type) else view


urlpatterns = [
    path(f"{endpoint.name}/", as_view(endpoint.view)) for endpoint in ENDPOINTS if endpoint.view
]
