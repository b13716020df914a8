"""A book as DOCX: cover, a table of contents that is a field, headings, lists, tables, code and figures in real styles.

python-docx holds the package together; what the document says is made as text and parsed once, which is many times
faster than to add one element after the other. Equal books give equal bytes.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

import docx
from docx.document import Document
from docx.opc.constants import CONTENT_TYPE as CT
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.package import OpcPackage
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.parser import parse_xml
from docx.shared import Twips
from markdown_it.token import Token

from functions.book.model import Book, BookLesson, BookModule
from functions.book.word_markup import (
    BULLETS,
    INDENT,
    NUMBERS,
    TEXT_WIDTH,
    LessonWriter,
    escaped,
    field_ends,
    field_runs,
    paragraph,
    possible,
    run,
)
from functions.text.png import Image
from functions.text.reading import visual

_STYLES: Final = Path(__file__).with_name("word_styles.xml").read_text(encoding="utf-8")
_NAMESPACES: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
# Word's spelling wants a region; a language that is not here is named by its primary tag alone.
_REGIONS: Final = {"en": "en-US", "es": "es-ES", "pt": "pt-PT", "fr": "fr-FR", "de": "de-DE"}
_RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur", "yi"})
_PAGE: Final = (11_906, 16_838)
"""A4, in twentieths of a point."""
_MARGIN: Final = (_PAGE[0] - TEXT_WIDTH) // 2
_FIGURE: Final = (440, 320)
"""The most points that an image may be wide and high."""
_EMU: Final = 12_700
"""English metric units, in which pictures are measured, of a point."""
_LONGEST_PROPERTY: Final = 255
_LONGEST_ADDRESS: Final = 2_000
_HOST: Final = re.compile(r"[\w.-]+")
_RUNNING: Final = 90
_BULLETS: Final = "•–▪"
_WRITTEN: Final = datetime(2000, 1, 1)
"""What stands for the time of writing: a book tells none, so that equal books are equal files."""
_NEVER: Final = (1980, 1, 1, 0, 0, 0)
_DROPPED: Final = frozenset({RT.THUMBNAIL, RT.EXTENDED_PROPERTIES, RT.STYLES + "WithEffects"})
"""What the template tells of itself and not of the book."""


def write_docx(book: Book) -> bytes:
    """The DOCX of a book; takes about 5 ms for each lesson of 2,400 words with 4 images."""
    document = docx.Document()
    parts = _Parts(book, document)
    body = document.element.body
    section = body.sectPr
    body.clear()
    body.extend(parse_xml(f"<w:body {_NAMESPACES}>{''.join(parts.document())}</w:body>"))
    body.append(section)
    language = _REGIONS.get(book.language, book.language)
    _replace(document.styles.element, _styles(book.language, language))
    _replace(document.part.numbering_part.element, _numbering(parts.lessons.starts))
    _replace(document.settings.element, _settings(language))
    _set_pages(document, book)
    _set_properties(document, book, language)
    return _packed(document)


class _Parts:
    """The document's text; images and addresses become relationships as they are met."""

    def __init__(self, book: Book, document: Document) -> None:
        self.lessons = LessonWriter(self._figure, self._link)
        self._book = book
        self._part = document.part
        self._figures = itertools.count(1)
        self._bookmarks = itertools.count(1)
        self._pictures: dict[bytes, str] = {}
        self._addresses: dict[str, str | None] = {}

    def document(self) -> Iterator[str]:
        """Everything from the cover to the last lesson."""
        yield from self._cover()
        yield from self._about()
        yield from self._missing()
        yield from self._contents()
        for module in self._book.modules:
            yield from self._module(module)

    def _cover(self) -> Iterator[str]:
        book, labels = self._book, self._book.labels
        yield paragraph("Title", run(book.title))
        if book.description:
            yield paragraph("Subtitle", run(book.description))
        facts = (
            (labels.level, book.level),
            (labels.duration, book.duration),
            (labels.audience, "; ".join(book.audience)),
        )
        for name, value in facts:
            if value:
                yield paragraph("Normal", run(f"{name}: ", "<w:b/>") + run(value))

    def _about(self) -> Iterator[str]:
        book = self._book
        yield paragraph("TOCHeading", run(book.labels.about))
        for name, entries in book.about:
            yield paragraph("FrontHeading", run(name))
            yield from (_bullet(run(entry)) for entry in entries)

    def _missing(self) -> Iterator[str]:
        book, labels = self._book, self._book.labels
        if book.missing:
            yield paragraph("TOCHeading", run(labels.missing_units))
            yield paragraph("Normal", run(labels.missing_intro))
            for lesson in book.missing:
                reason = run(f": {lesson.reason or labels.unknown_reason}")
                yield _bullet(_inner_link(_bookmark(lesson), run(lesson.heading)) + reason)

    def _contents(self) -> Iterator[str]:
        entries: list[tuple[int, str, str]] = []
        for module in self._book.modules:
            entries.append((1, f"module_{module.number:02d}", self._named(module)))
            entries += [(2, _bookmark(lesson), lesson.heading) for lesson in module.lessons]
        last = len(entries) - 1
        yield (
            '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/>'
            f"</w:docPartObj></w:sdtPr><w:sdtContent>{paragraph('TOCHeading', run(self._book.labels.contents))}"
        )
        # The field spans paragraphs: it opens in the first entry and ends in the last.
        opening, ending = field_ends(r'TOC \o "1-2" \h \z \u')
        if not entries:
            yield paragraph("TOC1", opening + ending)
        for place, (level, bookmark, title) in enumerate(entries):
            page = field_runs(rf"PAGEREF {bookmark} \h", "")
            entry = _inner_link(bookmark, f"{run(title)}<w:r><w:tab/></w:r>{page}")
            yield paragraph(f"TOC{level}", ("" if place else opening) + entry + (ending if place == last else ""))
        yield "</w:sdtContent></w:sdt>"

    def _module(self, module: BookModule) -> Iterator[str]:
        yield paragraph("Heading1", self._marked(f"module_{module.number:02d}", run(self._named(module))))
        if module.description:
            yield paragraph("Subtitle", run(module.description))
        labels = self._book.labels
        for place, lesson in enumerate(module.lessons):
            same_page = "" if place else '<w:pageBreakBefore w:val="0"/>'
            yield paragraph("Heading2", self._marked(_bookmark(lesson), run(lesson.heading)), same_page)
            if lesson.markdown is None:
                notice = run(f"{labels.missing_unit} ", "<w:b/>")
                reason = run(f"{labels.reason}: {lesson.reason or labels.unknown_reason}")
                yield paragraph("Missing", notice + reason)
            else:
                yield self.lessons.write(lesson.tokens)

    def _named(self, module: BookModule) -> str:
        return f"{self._book.labels.module} {module.number}. {module.title}"

    def _marked(self, name: str, runs: str) -> str:
        id_ = next(self._bookmarks)
        return f'<w:bookmarkStart w:id="{id_}" w:name="{name}"/>{runs}<w:bookmarkEnd w:id="{id_}"/>'

    def _figure(self, token: Token) -> str:
        asked, number, label = visual(token), next(self._figures), self._book.labels.figure
        image = self._book.images.get(asked.id)
        shown = (
            paragraph("Figure", _drawing(self._picture(image), number, asked.description, image))
            if image
            else paragraph("NoImage", run(self._book.labels.no_image))
        )
        counted = field_runs(rf"SEQ {label} \* ARABIC", run(str(number), "<w:b/>"))
        caption = f"{run(f'{label} ', '<w:b/>')}{counted}{run('. ', '<w:b/>')}{run(asked.description)}"
        return shown + paragraph("Caption", caption)

    def _picture(self, image: Image) -> str:
        """The relationship of an image; equal files are stored once."""
        digest = hashlib.sha256(image.data).digest()
        if digest not in self._pictures:
            name = PackURI(f"/word/media/image{len(self._pictures) + 1}.png")
            self._pictures[digest] = self._part.relate_to(Part(name, CT.PNG, image.data), RT.IMAGE)
        return self._pictures[digest]

    def _link(self, address: str) -> str | None:
        if address not in self._addresses:
            is_fine = _is_address(address)
            self._addresses[address] = (
                self._part.relate_to(address, RT.HYPERLINK, is_external=True) if is_fine else None
            )
        return self._addresses[address]


def _bullet(runs: str) -> str:
    numbering = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{BULLETS}"/></w:numPr>'
    return paragraph("ListBullet", runs, numbering)


def _bookmark(lesson: BookLesson) -> str:
    return lesson.anchor.replace("-", "_")


def _inner_link(bookmark: str, runs: str) -> str:
    return f'<w:hyperlink w:anchor="{bookmark}" w:history="1">{runs}</w:hyperlink>'


def _is_address(address: str) -> bool:
    """Whether Word takes it: one relationship that is no URI makes it call the whole document damaged."""
    try:
        parts = urlsplit(address)
        has_host = _HOST.fullmatch(parts.hostname or "") is not None and parts.port != 0
    except ValueError:  # brackets or a port that are none
        return False
    return len(address) <= _LONGEST_ADDRESS and (has_host or (parts.scheme == "mailto" and "@" in parts.path))


def _drawing(relationship: str, number: int, description: str, image: Image) -> str:
    width = min(_FIGURE[0], _FIGURE[1] * image.width / image.height)
    height = width * image.height / image.width
    size = f'cx="{max(1, round(width * _EMU))}" cy="{max(1, round(height * _EMU))}"'
    named = f'id="{number}" name="image{number}" descr="{escaped(description)}"'
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr {named}/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        f"<pic:nvPicPr><pic:cNvPr {named}/><pic:cNvPicPr/></pic:nvPicPr>"
        f'<pic:blipFill><a:blip r:embed="{relationship}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def _styles(primary: str, language: str) -> str:
    is_right_to_left = primary in _RIGHT_TO_LEFT
    filled = {
        "{language}": language,
        "{bidi}": "<w:bidi/>" if is_right_to_left else "",
        "{rtl}": "<w:rtl/>" if is_right_to_left else "",
    }
    styles = _STYLES
    for slot, value in filled.items():
        styles = styles.replace(slot, value)
    return styles


def _numbering(starts: list[tuple[int, int]]) -> str:
    """The two kinds of lists, and an instance for each ordered list, which begins to count anew."""

    def levels(form: str, text: Any) -> str:
        return "".join(
            f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
            f'<w:lvlText w:val="{text(level)}"/><w:lvlJc w:val="left"/>'
            f'<w:pPr><w:ind w:left="{(level + 1) * INDENT}" w:hanging="{INDENT}"/></w:pPr></w:lvl>'
            for level in range(9)
        )

    bullets = levels("bullet", lambda level: _BULLETS[level % len(_BULLETS)])
    numbers = levels("decimal", lambda level: f"%{level + 1}.")
    kinds = "".join(
        f'<w:abstractNum w:abstractNumId="{id_}"><w:multiLevelType w:val="multilevel"/>{inner}</w:abstractNum>'
        for id_, inner in ((BULLETS, bullets), (NUMBERS, numbers))
    )
    instances = "".join(
        f'<w:num w:numId="{id_}"><w:abstractNumId w:val="{id_}"/></w:num>' for id_ in (BULLETS, NUMBERS)
    )
    lists = "".join(
        f'<w:num w:numId="{id_}"><w:abstractNumId w:val="{NUMBERS}"/><w:lvlOverride w:ilvl="{level}">'
        f'<w:startOverride w:val="{start}"/></w:lvlOverride></w:num>'
        for id_, (level, start) in enumerate(starts, start=NUMBERS + 1)
    )
    return f"<w:numbering {_NAMESPACES}>{kinds}{instances}{lists}</w:numbering>"


def _settings(language: str) -> str:
    # Without the mode of today's Word, a book opens as one of 2010.
    return (
        f'<w:settings {_NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        f'<w:themeFontLang w:val="{language}"/></w:settings>'
    )


def _set_pages(document: Document, book: Book) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = map(Twips, _PAGE)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Twips(_MARGIN)
    section.different_first_page_header_footer = True
    title = book.title if len(book.title) <= _RUNNING else f"{book.title[:_RUNNING]}…"
    for part, runs in ((section.header, run(title)), (section.footer, field_runs("PAGE", run("1")))):
        style = "Header" if part is section.header else "Footer"
        _replace(part._element, f"<w:hdr {_NAMESPACES}>{paragraph(style, runs)}</w:hdr>")


def _set_properties(document: Document, book: Book, language: str) -> None:
    told = document.core_properties
    told.title = possible(book.title)[:_LONGEST_PROPERTY]
    told.subject = possible(book.description)[:_LONGEST_PROPERTY]
    told.language = language
    told.author = told.last_modified_by = told.comments = told.keywords = ""
    told.created = told.modified = _WRITTEN
    told.revision = 1


def _replace(element: Any, xml: str) -> None:
    """Give an element of the template other children."""
    element[:] = list(parse_xml(xml))


def _packed(document: Document) -> bytes:
    """The document's file with fixed dates; PNG files, which are compressed already, are stored as they are."""
    package = cast(OpcPackage, document.part.package)
    for part in (package, document.part):
        for id_ in [id_ for id_, relationship in part.rels.items() if relationship.reltype in _DROPPED]:
            del part.rels[id_]
    saved, packed = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(packed, "w") as file:
        for name in parts.namelist():
            entry = zipfile.ZipInfo(name, _NEVER)
            entry.external_attr = 0o600 << 16
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            file.writestr(entry, parts.read(name))
    return packed.getvalue()
