"""Slides as a .pptx file by python-pptx: through its layouts' placeholders, with native tables, pictures and notes.

Equal slides give equal bytes: nothing in the file tells the time, nor who or what wrote it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

import pptx
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.presentation import Presentation
from pptx.slide import Slide as PptxSlide
from pptx.util import Pt

from functions.slides.deck import geometry as at
from functions.slides.deck import theme
from functions.slides.deck.geometry import Box
from functions.slides.deck.measure import fitted
from functions.slides.deck.model import (
    CodeSlide,
    FigureSlide,
    Paragraph,
    Run,
    Runs,
    SectionSlide,
    Slide,
    TableSlide,
    TextSlide,
    TitleSlide,
)
from functions.slides.deck.theme import NAMESPACES, Layouts, xfrm

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_HOST: Final = re.compile(r"[\w.-]+(:\d+)?", re.ASCII)
_LONGEST_ADDRESS: Final = 2_000
_TABLE_STYLE: Final = "{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}"  # PowerPoint's own "Medium Style 2 - Accent 1"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP file can tell
_STORED: Final = (".png", ".jpeg", ".jpg")
# What python-pptx's template brings along: a picture of an empty deck, a printer, counts of its words.
_OF_THE_TEMPLATE: Final = (
    RELATIONSHIP_TYPE.THUMBNAIL,
    RELATIONSHIP_TYPE.EXTENDED_PROPERTIES,
    RELATIONSHIP_TYPE.PRINTER_SETTINGS,
)


def write_pptx(slides: Iterable[Slide], title: str, footer: str, language: str) -> bytes:
    """The file of a deck. `language` is a language tag ("es", "es-MX"), by which spelling is checked."""
    return _Writer(title, footer, language).write(slides)


class _Writer:
    def __init__(self, title: str, footer: str, language: str) -> None:
        self._deck: Presentation = pptx.Presentation()
        theme.dress(self._deck)
        self._title = title
        self._language = language if _LANGUAGE.fullmatch(language) else "en"
        self._footer = fitted(footer, at.FOOTER_TYPE, at.FOOTER.width, 1)

    def write(self, slides: Iterable[Slide]) -> bytes:
        for number, slide in enumerate(slides, start=1):
            match slide:
                case TitleSlide():
                    made = self._cover(slide)
                case SectionSlide():
                    made = self._section(slide)
                case TextSlide():
                    made = self._text(slide)
                case TableSlide():
                    made = self._table(slide)
                case CodeSlide():
                    made = self._code(slide)
                case FigureSlide():
                    made = self._figure(slide)
            if not isinstance(slide, TitleSlide):
                self._add_footers(made, number)
            if slide.notes:
                self._notes(made, slide.notes)
        return self._bytes()

    def _cover(self, slide: TitleSlide) -> PptxSlide:
        made = self._new(Layouts.TITLE, slide.title)
        self._fill(made, theme.LABEL, slide.label)
        self._fill(made, theme.BODY, slide.subtitle)
        return made

    def _section(self, slide: SectionSlide) -> PptxSlide:
        made = self._new(Layouts.SECTION, slide.title)
        self._fill(made, theme.LABEL, slide.label)
        self._fill(made, theme.REMARK, slide.remark)
        return made

    def _text(self, slide: TextSlide) -> PptxSlide:
        made = self._content(Layouts.TEXT, slide)
        link = _linker(made)
        paragraphs = "".join(self._paragraph(paragraph, link) for paragraph in slide.paragraphs)
        self._set_text(_placeholder(made, theme.BODY), paragraphs)
        return made

    def _table(self, slide: TableSlide) -> PptxSlide:
        made = self._content(Layouts.TABLE, slide)
        self._fill(made, theme.LEAD, slide.lead)
        box = at.BELOW_LEAD if slide.lead else at.BODY
        frame = _placeholder(made, theme.TABLE).insert_table(rows=1, cols=1)
        frame.left, frame.top = Pt(box.left), Pt(box.top)
        frame.width, frame.height = Pt(sum(slide.widths)), Pt(sum(slide.heights))
        _describe(frame, slide.title)
        old = frame._element.graphic.graphicData.tbl
        old.getparent().replace(old, parse_xml(self._table_xml(slide, _linker(made))))
        return made

    def _code(self, slide: CodeSlide) -> PptxSlide:
        made = self._content(Layouts.CODE, slide)
        self._fill(made, theme.LEAD, slide.lead)
        box = at.BELOW_LEAD if slide.lead else at.BODY
        shape = _placeholder(made, theme.CODE)
        height = len(slide.lines) * at.CODE_TYPE.line + 2 * at.CODE_PADDING
        _place(shape, Box(box.left, box.top, box.width, height))
        # Code is in no language: its words are not checked.
        lines = (f'<a:r><a:rPr noProof="1"/><a:t>{escape(line)}</a:t></a:r>' if line else "" for line in slide.lines)
        self._set_text(shape, "".join(f"<a:p>{line}</a:p>" for line in lines))
        return made

    def _figure(self, slide: FigureSlide) -> PptxSlide:
        made = self._content(Layouts.PICTURE, slide)
        self._fill(made, theme.CAPTION, slide.caption)
        frame = _placeholder(made, theme.PICTURE)
        if slide.image is None:
            _remove(frame)
            self._absence(made, slide.absence)
            return made
        picture = frame.insert_picture(io.BytesIO(slide.image.data))
        picture.crop_left = picture.crop_right = picture.crop_top = picture.crop_bottom = 0
        _place(picture, _within(slide.image.width, slide.image.height, at.PICTURE))
        _describe(picture, slide.alt)
        return made

    def _absence(self, made: PptxSlide, text: str) -> None:
        box = at.PICTURE
        style = at.LEAD_TYPE
        made.shapes._spTree.append(
            parse_xml(
                f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="{_next_id(made)}" name="No image"/><p:cNvSpPr/><p:nvPr/>'
                f'</p:nvSpPr><p:spPr>{xfrm(box)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
                '<a:solidFill><a:schemeClr val="bg2"/></a:solidFill><a:ln w="12700"><a:solidFill>'
                '<a:schemeClr val="accent1"/></a:solidFill><a:prstDash val="dash"/></a:ln></p:spPr>'
                '<p:txBody><a:bodyPr wrap="square" anchor="ctr"><a:noAutofit/></a:bodyPr><a:lstStyle/>'
                f'<a:p><a:pPr algn="ctr"/><a:r><a:rPr lang="{self._language}" sz="{round(style.size * 100)}">'
                f'<a:solidFill><a:schemeClr val="tx1"/></a:solidFill></a:rPr><a:t>{escape(text)}</a:t></a:r></a:p>'
                "</p:txBody></p:sp>"
            )
        )

    def _content(self, layout: int, slide: TextSlide | TableSlide | CodeSlide | FigureSlide) -> PptxSlide:
        made = self._new(layout, slide.title)
        self._fill(made, theme.KICKER, slide.kicker)
        return made

    def _new(self, layout: int, title: str) -> PptxSlide:
        made = self._deck.slides.add_slide(self._deck.slide_layouts[layout])
        self._set_text(made.shapes.title, f"<a:p>{self._run(Run(title))}</a:p>")
        return made

    def _fill(self, made: PptxSlide, idx: int, text: str) -> None:
        """The text of a placeholder; without any, the placeholder goes, as it would ask the author for one."""
        shape = _placeholder(made, idx)
        if text:
            self._set_text(shape, f"<a:p>{self._run(Run(text))}</a:p>")
        else:
            _remove(shape)

    def _set_text(self, shape: Any, paragraphs: str) -> None:
        old = shape._element.txBody
        body = f"<p:txBody {NAMESPACES}><a:bodyPr/><a:lstStyle/>{paragraphs}</p:txBody>"
        old.getparent().replace(old, parse_xml(body))

    def _paragraph(self, paragraph: Paragraph, link: Callable[[str], str]) -> str:
        level = f' lvl="{paragraph.level}"' if paragraph.level else ""
        match paragraph.marker:
            case "bullet":
                properties = f"<a:pPr{level}/>" if level else ""
            case "none":
                properties = f'<a:pPr{level} marL="0" indent="0"><a:buNone/></a:pPr>'
            case "hanging":
                properties = f'<a:pPr{level} indent="0"><a:buNone/></a:pPr>'
            case number:
                start = min(max(number, 1), 32_767)  # the schema's bounds
                counted = f'<a:buAutoNum type="arabicPeriod" startAt="{start}"/>'
                properties = f'<a:pPr{level}><a:buFont typeface="+mj-lt"/>{counted}</a:pPr>'
        return f"<a:p>{properties}{self._runs(paragraph.runs, link)}</a:p>"

    def _table_xml(self, slide: TableSlide, link: Callable[[str], str]) -> str:
        margins = (
            f'marL="{Pt(at.CELL_SIDE)}" marR="{Pt(at.CELL_SIDE)}" marT="{Pt(at.CELL_TOP)}" marB="{Pt(at.CELL_TOP)}"'
        )
        spacing = f'<a:lnSpc><a:spcPts val="{round(at.TABLE_TYPE.line * 100)}"/></a:lnSpc>'
        size = f' sz="{round(at.TABLE_TYPE.size * 100)}"'

        def cell(runs: Runs) -> str:
            end = "" if runs else f'<a:endParaRPr lang="{self._language}"{size}/>'
            text = f"<a:p><a:pPr>{spacing}</a:pPr>{self._runs(runs, link, size)}{end}</a:p>"
            return f'<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{text}</a:txBody><a:tcPr {margins} anchor="ctr"/></a:tc>'

        grid = "".join(f'<a:gridCol w="{Pt(width)}"/>' for width in slide.widths)
        rows = "".join(
            f'<a:tr h="{Pt(height)}">{"".join(map(cell, row))}</a:tr>'
            for row, height in zip(slide.rows, slide.heights, strict=True)
        )
        return (
            f'<a:tbl {NAMESPACES}><a:tblPr firstRow="1" bandRow="1"><a:tableStyleId>{_TABLE_STYLE}</a:tableStyleId>'
            f"</a:tblPr><a:tblGrid>{grid}</a:tblGrid>{rows}</a:tbl>"
        )

    def _runs(self, runs: Runs, link: Callable[[str], str], more: str = "") -> str:
        return "".join(self._run(run, link, more) for run in runs)

    def _run(self, run: Run, link: Callable[[str], str] | None = None, more: str = "") -> str:
        style = "".join(
            [
                ' b="1"' if run.bold else "",
                ' i="1"' if run.italic else "",
                ' strike="sngStrike"' if run.strike else "",
                ' noProof="1"' if run.code else "",
            ]
        )
        font = f'<a:latin typeface="{theme.CODE_FONT}"/><a:cs typeface="{theme.CODE_FONT}"/>' if run.code else ""
        target = link(run.link) if link and run.link else ""
        properties = f'<a:rPr lang="{self._language}"{more}{style}>{font}{target}</a:rPr>'
        pieces = (f"<a:r>{properties}<a:t>{escape(text)}</a:t></a:r>" if text else "" for text in run.text.split("\n"))
        return "<a:br/>".join(pieces)

    def _add_footers(self, made: PptxSlide, number: int) -> None:
        tree = made.shapes._spTree
        field = (
            '<a:fld id="{5F0B6C0E-7A44-4E5B-9B0D-3C1D2A6E8F11}" type="slidenum">'
            f'<a:rPr lang="{self._language}"/><a:t>{number}</a:t></a:fld>'
        )
        for kind, idx, name, text in (
            ("ftr", theme.FOOTER, "Footer", self._run(Run(self._footer))),
            ("sldNum", theme.NUMBER, "Slide number", field),
        ):
            tree.append(
                parse_xml(
                    f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="{_next_id(made)}" name="{name}"/><p:cNvSpPr>'
                    f'<a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="{kind}" sz="quarter" idx="{idx}"/></p:nvPr>'
                    f"</p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/><a:p>{text}</a:p></p:txBody></p:sp>"
                )
            )

    def _notes(self, made: PptxSlide, text: str) -> None:
        shape = made.notes_slide.notes_placeholder
        self._set_text(shape, "".join(f"<a:p>{self._run(Run(line))}</a:p>" for line in text.split("\n")))

    def _bytes(self) -> bytes:
        package = self._deck.part.package
        for part in (package, self._deck.part):
            for rel_id, relationship in list(part._rels.items()):
                if relationship.reltype in _OF_THE_TEMPLATE:
                    part._rels.pop(rel_id)
        properties = self._deck.core_properties
        properties.title = self._title[:255]
        properties.author = properties.last_modified_by = properties.comments = ""
        properties.language = self._language
        properties.revision = 1
        dates = ("created", "modified")
        element = package.core_properties._element
        for child in [child for child in element if child.tag.rpartition("}")[2] in dates]:
            element.remove(child)
        written = io.BytesIO()
        self._deck.save(written)
        return _without_times(written)


def _placeholder(made: PptxSlide, idx: int) -> Any:
    return next(shape for shape in made.placeholders if shape.placeholder_format.idx == idx)


def _remove(shape: Any) -> None:
    shape._element.getparent().remove(shape._element)


def _place(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = Pt(box.left), Pt(box.top), Pt(box.width), Pt(box.height)


def _describe(shape: Any, text: str) -> None:
    """What a screen reader says of a shape."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", text)


def _next_id(made: PptxSlide) -> int:
    return max(int(id_) for id_ in made.shapes._spTree.xpath("//p:cNvPr/@id")) + 1


def _within(width: int, height: int, box: Box) -> Box:
    """The largest box of that shape within `box`, in its middle."""
    scale = min(box.width / width, box.height / height)
    wide, high = width * scale, height * scale
    return Box(box.left + (box.width - wide) / 2, box.top + (box.height - high) / 2, wide, high)


def _linker(made: PptxSlide) -> Callable[[str], str]:
    def link(address: str) -> str:
        if not _is_address(address):
            return ""
        rel_id = made.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        return f"<a:hlinkClick r:id={quoteattr(rel_id)}/>"

    return link


def _is_address(address: str) -> bool:
    """Whether PowerPoint takes it: it calls a file damaged that has a link it cannot read."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    is_host = parts.scheme.casefold() == "mailto" or _HOST.fullmatch(parts.netloc) is not None
    return is_host and len(address) <= _LONGEST_ADDRESS and address.isascii() and " " not in address


def _without_times(written: io.BytesIO) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(result, "w") as new:
        for name in _ordered(old.namelist()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 0
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(_STORED) else zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return result.getvalue()


def _ordered(names: Sequence[str]) -> list[str]:
    """The list of content types first, as the format advises; the rest as it is."""
    return sorted(names, key=lambda name: name != "[Content_Types].xml")
