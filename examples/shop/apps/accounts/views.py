from decimal import Decimal

from django.shortcuts import get_object_or_404
from rest_framework import generics, status
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.accounts.serializers import BalanceSerializer


class SpendPoints(APIView):
    def post(self, request, pk: int):
        points = int(request.data["points"])
        user = get_object_or_404(User, pk=pk)
        if user.points < points:
            return Response({"detail": "Not enough points."}, status=status.HTTP_400_BAD_REQUEST)
        user.points -= points
        user.save()
        return Response(status=status.HTTP_204_NO_CONTENT)


class Deposit(generics.GenericAPIView):
    queryset = User.objects.all()
    serializer_class = BalanceSerializer

    def post(self, request, pk: int):
        user = self.get_object()
        user.balance += Decimal(request.data["amount"])
        user.save()
        return Response(self.get_serializer(user).data)
