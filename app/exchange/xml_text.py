"""XML documents built from text that comes from anywhere."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

# What XML 1.0 has no way to write, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def added(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    """Return a new last child of `parent`; characters that XML cannot hold become U+FFFD."""
    child = ET.SubElement(parent, tag, {name: xml_text(value) for name, value in attributes.items()})
    child.text = None if text is None else xml_text(text)
    return child


def xml_text(text: str) -> str:
    """Return `text` with U+FFFD in the place of each character that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def document(root: ET.Element) -> bytes:
    """Return `root` as an indented document in UTF-8 with its declaration."""
    ET.indent(root)
    text: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return text + b"\n"
