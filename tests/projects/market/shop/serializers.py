"""Input and output of the API."""

from rest_framework import serializers

from shop.models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "total", "status", "note"]


class ItemSerializer(serializers.Serializer):
    price = serializers.DecimalField(max_digits=9, decimal_places=2)
    qty = serializers.IntegerField()


class CreateOrderSerializer(serializers.Serializer):
    items = ItemSerializer(many=True)
    note = serializers.CharField(required=False)


class NoteSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=20)


class GiftSerializer(serializers.Serializer):
    points = serializers.IntegerField(min_value=0)
    to = serializers.CharField()
    text = serializers.CharField(required=False, allow_blank=True)
