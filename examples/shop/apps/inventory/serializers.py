from rest_framework import serializers

from apps.inventory.models import Product


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ("id", "name", "stock", "reserved", "sold")
