from django.db import models


class Parcel(models.Model):
    status = models.CharField(max_length=20, default="new")
    note = models.CharField(max_length=50, blank=True)
    labels = models.JSONField(default=list)
    changed = models.DateTimeField(auto_now=True)

    @property
    def state(self):
        return self.status

    @state.setter
    def state(self, value):
        self.status = value


class Crate(Parcel):
    """Its own columns stand in another table."""

    weight = models.IntegerField(default=0)
