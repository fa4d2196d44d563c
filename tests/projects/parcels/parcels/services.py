"""Writers of one column each, as people write them; `add_note` is the other writer of all."""

from django.shortcuts import get_object_or_404

from parcels.models import Crate, Parcel


def add_note(pk):
    parcel = Parcel.objects.get(pk=pk)
    parcel.note = "fragile"
    parcel.save()


def ship(pk):
    parcel = Parcel.objects.get(pk=pk)
    parcel.status = "shipped"
    parcel.save()


def ship_or_404(pk):
    parcel = get_object_or_404(Parcel, pk=pk)
    parcel.status = "shipped"
    parcel.save()


def ship_each(pk):
    for parcel in Parcel.objects.filter(pk=pk):
        parcel.status = "shipped"
        parcel.save()


def ship_by_setter(pk):
    parcel = Parcel.objects.get(pk=pk)
    parcel.state = "shipped"
    parcel.save()


def ship_with_label(pk):
    parcel = Parcel.objects.get(pk=pk)
    parcel.labels.append("shipped")
    parcel.status = "shipped"
    parcel.save()


def ship_crate(pk):
    crate = Crate.objects.get(pk=pk)
    crate.status = "shipped"
    crate.weight = 7
    crate.save()
