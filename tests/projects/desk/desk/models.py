from django.db import models


class Company(models.Model):
    name = models.CharField(max_length=20)

    def __str__(self):
        return self.name


class Person(models.Model):
    name = models.CharField(max_length=20)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="people")

    def __str__(self):
        return f"{self.name} of {self.company}"


class Queue(models.Model):
    name = models.CharField(max_length=20)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)

    def __str__(self):
        return self.name


class Label(models.Model):
    name = models.CharField(max_length=20)
    company = models.ForeignKey(Company, on_delete=models.CASCADE)

    def __str__(self):
        return self.name


class TicketManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().select_related("queue")


class Ticket(models.Model):
    title = models.CharField(max_length=20)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="tickets")
    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="written")
    helper = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="helped"
    )
    labels = models.ManyToManyField(Label)

    def __str__(self):
        return self.title

    @property
    def company_name(self):
        return self.author.company.name


class NullableColumn(Ticket):
    class Meta:
        proxy = True


class Mixed(Ticket):
    class Meta:
        proxy = True


class Callable(Ticket):
    class Meta:
        proxy = True


class Property(Ticket):
    class Meta:
        proxy = True


class SwitchedOff(Ticket):
    class Meta:
        proxy = True


class Listed(Ticket):
    class Meta:
        proxy = True


class Everything(Ticket):
    class Meta:
        proxy = True


class OwnQueryset(Ticket):
    class Meta:
        proxy = True


class JoinedQueryset(Ticket):
    class Meta:
        proxy = True


class Many(Ticket):
    class Meta:
        proxy = True


class ManyOnTop(Ticket):
    class Meta:
        proxy = True


class Managed(Ticket):
    objects = TicketManager()

    class Meta:
        proxy = True


class Plain(Ticket):
    class Meta:
        proxy = True


class Note(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)

    def __str__(self):
        return f"on {self.ticket} by {self.ticket.author}"
