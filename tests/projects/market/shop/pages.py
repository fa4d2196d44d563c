"""Pages that do business themselves: Django's own views."""

from django.contrib import messages
from django.core.mail import send_mail
from django.http import Http404, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View
from django.views.decorators.http import require_POST
from django.views.generic import CreateView

from shop.forms import InviteForm, NoteForm
from shop.models import Event, Order, Payment, User


def cancel_order(request, pk):
    order = get_object_or_404(Order, pk=pk)
    if order.user_id != request.user.pk:
        return HttpResponseForbidden("not yours")
    if order.status == "cancelled":
        messages.error(request, "The order is cancelled already")
        return redirect("/page/checkout/")
    order.status = "cancelled"
    order.save()
    order.user.points -= 1
    order.user.save()
    send_mail("Cancelled", f"Order {order.pk}", "shop@example.com", [order.user.email])
    messages.success(request, "Cancelled")
    return redirect("/page/checkout/")


def checkout(request):
    if request.method == "POST":
        name = request.POST.get("name", "")
        if not name:
            return HttpResponse("a name is needed", status=400)
        order = Order.objects.create(user=request.user, note=name)
        amount = request.POST.get("amount", "0")
        if not amount.isdigit():
            return HttpResponse(f"{amount} is no amount", status=400)
        Payment.objects.create(order=order, amount=int(amount))
        Event.objects.create(kind="checkout", text=name)
        return redirect(f"/orders/{order.pk}/")
    return render(request, "form.html", {})


class InviteView(View):
    def post(self, request):
        form = InviteForm(request.POST)
        if form.is_valid():
            name = form.cleaned_data["name"]
            if User.objects.filter(username=name).exists():
                messages.error(request, "Such a user exists")
                return render(request, "form.html", {"form": form})
            user = User.objects.create(username=name, points=form.cleaned_data["points"])
            Event.objects.create(kind="invited", text=user.username)
            send_mail("Welcome", name, "shop@example.com", [f"{name}@example.com"])
            return redirect("/page/checkout/")
        return render(request, "form.html", {"form": form})


class NoteCreateView(CreateView):
    form_class = NoteForm
    template_name = "form.html"
    success_url = "/page/checkout/"

    def form_valid(self, form):
        user = self.request.user
        order = Order(user=user, note=form.cleaned_data["note"])
        order.save()
        user.points += 1
        user.save()
        Event.objects.create(kind="noted", text=order.note)
        return redirect(self.success_url)


class DeleteOrderView(View):
    def post(self, request, pk):
        order = Order.objects.filter(pk=pk).first()
        if order is None:
            raise Http404("no such order")
        user = order.user
        order.payments.all().delete()
        order.delete()
        user.points = user.orders.count()
        user.save()
        Event.objects.create(kind="removed", text=str(pk))
        return JsonResponse({"points": user.points})


@require_POST
def tip(request):
    amount = int(request.POST["amount"])
    user = request.user
    if user.balance < amount:
        return JsonResponse({"error": "Balance too low", "balance": str(user.balance)}, status=400)
    user.balance -= amount
    user.save()
    for other in User.objects.exclude(pk=user.pk).order_by("pk"):
        other.points += amount
        other.save()
    Event.objects.create(kind="tip", text=str(amount))
    return JsonResponse({"balance": str(user.balance)})


def basket(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    order = Order.objects.create(user=request.user, note=str(request.session["visits"]))
    Payment.objects.create(order=order, amount=request.session["visits"])
    Event.objects.create(kind="basket")
    return JsonResponse({"visits": request.session["visits"], "order": order.pk})


def close_order(request, pk):
    order = get_object_or_404(Order, pk=pk)
    order.status = "closed"
    order.save()
    return redirect("/page/checkout/")
