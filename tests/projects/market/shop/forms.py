"""Input of the pages."""

from django import forms

from shop.models import Order


class NoteForm(forms.ModelForm):
    class Meta:
        model = Order
        fields = ["note"]


class InviteForm(forms.Form):
    name = forms.CharField()
    points = forms.IntegerField()
