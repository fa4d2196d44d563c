from django.urls import include, path

urlpatterns = [
    path("accounts/", include("apps.accounts.urls")),
    path("books/", include("apps.books.urls")),
    path("orders/", include("apps.orders.urls")),
    path("products/", include("apps.inventory.urls")),
]
