from apps.wallet.models import Coupon, Tab, Wallet


class EmptyWalletError(Exception):
    """There are fewer coins than are to be paid."""


def add_coins(owner_id: int, coins: int) -> None:
    wallet = Wallet.objects.get(owner_id=owner_id)
    wallet.coins += coins
    wallet.save()


def pay(owner_id: int, coins: int) -> None:
    wallet = Wallet.objects.get(owner_id=owner_id)
    if wallet.coins < coins:
        raise EmptyWalletError(coins)
    wallet.coins -= coins
    wallet.save()


def order_drink(name: str) -> None:
    tab = Tab.objects.get(name=name)
    tab.drinks += 1
    tab.save()


def redeem(code: str) -> None:
    coupon = Coupon.objects.get(code=code)
    coupon.left -= 1
    coupon.save()
