"""An XMP packet of a shot's notes: one line of description, and each note as a keyword. Source: XMP parts 1 and 3."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{line}</rdf:li></rdf:Alt></dc:description>
   <dc:subject><rdf:Bag>{keywords}</rdf:Bag></dc:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def xmp_packet(notes: Sequence[str]) -> bytes:
    """Give the packet as UTF-8. It is marked read-only: a program that changes it must write the file again."""
    keywords = "".join(f"<rdf:li>{escape(note)}</rdf:li>" for note in notes)
    return _PACKET.format(line=escape("; ".join(notes)), keywords=keywords).encode()
