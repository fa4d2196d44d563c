import json
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.conf import settings


class PaymentGatewayError(Exception):
    pass


def charge(order_id: int) -> str:
    request = Request(settings.PAYMENT_GATEWAY, json.dumps({"order": order_id}).encode())
    try:
        with urlopen(request) as response:
            return json.load(response)["reference"]
    except URLError as error:
        raise PaymentGatewayError(order_id) from error
