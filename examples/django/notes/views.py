"""The page that lists notes and takes new ones."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from notes.models import Note


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = ("title", "text")


def index(request: HttpRequest) -> HttpResponse:
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("index")
    return render(request, "notes/index.html", {"form": form, "notes": Note.objects.all()})
