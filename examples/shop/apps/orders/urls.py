from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.orders.checkout import CreateOrderView
from apps.orders.views import OrderViewSet

router = SimpleRouter()
router.register("", OrderViewSet)

urlpatterns = [path("create/", CreateOrderView.as_view()), *router.urls]
