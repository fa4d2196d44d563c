from rest_framework import serializers

from apps.accounts.models import User


class BalanceSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ("id", "balance", "points")
