"""`{% load languages %}`: the page in each language, and its own address."""

from django import template
from django.template.context import Context
from django.utils.translation import get_language

from app.pages.addresses import without
from app.pages.language import PARAMETER, TAGS, Translation, translations

register = template.Library()


@register.simple_tag
def language_tag() -> str:
    """The current language, as named in HTML."""
    return TAGS.get(get_language() or "en", "en")


@register.simple_tag(takes_context=True)
def languages(context: Context) -> list[Translation]:
    """The page in each language."""
    return translations(context["request"])


@register.simple_tag(takes_context=True)
def canonical(context: Context) -> str:
    """The address of a page for every reader: without language, run and version."""
    request = context["request"]
    return str(request.build_absolute_uri(without(request, {PARAMETER, "run", "version"})))


@register.simple_tag(takes_context=True)
def absolute(context: Context, address: str) -> str:
    """An address of this site with its scheme and host."""
    return str(context["request"].build_absolute_uri(address))
