from django.urls import path

from apps.books import views

urlpatterns = [
    path("", views.BookList.as_view(), name="books"),
]
