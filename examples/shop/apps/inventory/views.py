from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.inventory.models import Product
from apps.inventory.serializers import ProductSerializer


class ProductViewSet(viewsets.ModelViewSet):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer

    @action(detail=True, methods=["post"])
    def restock(self, request, pk=None):
        product = self.get_object()
        product.stock += int(request.data["pieces"])
        product.save()
        return Response(self.get_serializer(product).data)
