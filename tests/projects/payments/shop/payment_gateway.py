"""A payment gateway over a socket: it answers when, and if, it likes."""

import os
import socket


class PaymentGatewayError(Exception):
    pass


class PaymentGatewayTimeout(Exception):
    pass


def charge(order_id):
    address = ("127.0.0.1", int(os.environ["GATEWAY_PORT"]))
    with socket.create_connection(address) as connection:
        connection.sendall(f"{order_id}\n".encode())
        answer = connection.recv(100).decode().strip()
    if answer == "busy":
        raise PaymentGatewayTimeout(order_id)
    if answer != "charged":
        raise PaymentGatewayError(answer)
    return answer
