from rest_framework.routers import SimpleRouter

from apps.orders.views import OrderViewSet

router = SimpleRouter()
router.register("", OrderViewSet)

urlpatterns = router.urls
