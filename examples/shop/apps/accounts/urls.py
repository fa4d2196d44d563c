from django.urls import path

from apps.accounts import views

urlpatterns = [
    path("<int:pk>/spend-points/", views.SpendPoints.as_view(), name="spend-points"),
    path("<int:pk>/deposit/", views.Deposit.as_view(), name="deposit"),
]
