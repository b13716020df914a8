"""The look of a deck: PowerPoint's theme, slide master and layouts, as one sees and changes them in its master view.

Slides hold no formatting of their own but what their text says: whoever changes a layout changes all slides made by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import quoteattr

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.presentation import Presentation
from pptx.util import Pt

from functions.slides.deck import geometry as at
from functions.slides.deck.geometry import Box, Type

BODY, KICKER, LEAD, TABLE, PICTURE, CAPTION, CODE, LABEL, REMARK = 1, 13, 14, 15, 16, 17, 18, 19, 20
"""The numbers (`idx`) that tie a slide's placeholders to their layout's."""
FOOTER, NUMBER = 11, 12
TEXT_FONT: Final = "Arial"
CODE_FONT: Final = "Courier New"
NAMESPACES: Final = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_COLOURS: Final = {
    "dk1": "262C38",
    "lt1": "FFFFFF",
    "dk2": "14304A",
    "lt2": "F2F5F8",
    "accent1": "206293",
    "accent2": "12746C",
    "accent3": "82468C",
    "accent4": "B05422",
    "accent5": "3C5CA8",
    "accent6": "5C7420",
    "hlink": "206293",
    "folHlink": "82468C",
}
_BANDS: Final = ("accent1", "accent2", "accent3", "accent4")


class Layouts:
    """The layouts by what they are for, with their places among the presentation's."""

    TITLE, TEXT, SECTION, TABLE, CODE, PICTURE = range(6)


def dress(presentation: Presentation) -> None:
    """Give python-pptx's own template a size, a theme, a master and layouts."""
    presentation.slide_width, presentation.slide_height = Pt(at.SLIDE.width), Pt(at.SLIDE.height)
    master = presentation.slide_master
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme._blob = _themed(theme.blob)  # python-pptx has no other way to write a theme
    layouts = _layouts()
    for unused in list(presentation.slide_layouts)[len(layouts) :]:
        presentation.slide_layouts.remove(unused)
    _refill(master.element, {"cSld": _slide_data("Aurora", _master_shapes()), "txStyles": _text_styles()})
    for layout, (kind, name, shapes, background) in zip(presentation.slide_layouts, layouts, strict=True):
        layout.element.attrib.clear()
        layout.element.set("preserve", "1")
        if kind:
            layout.element.set("type", kind)
        else:
            layout.element.set("userDrawn", "1")
        if background:
            layout.element.set("showMasterSp", "0")
        _refill(layout.element, {"cSld": _slide_data(name, shapes, background)})


def xfrm(box: Box, tag: str = "a:xfrm") -> str:
    """A box as a transformation."""
    left, top, width, height = (Pt(value) for value in (box.left, box.top, box.width, box.height))
    return f'<{tag}><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></{tag}>'


def _refill(element: etree._Element, parts: dict[str, str]) -> None:
    for name, xml in parts.items():
        place = next(child for child in element if etree.QName(child).localname == name)
        element.replace(place, parse_xml(xml))


def _themed(blob: bytes) -> bytes:
    root = etree.fromstring(blob)
    root.set("name", "Aurora")
    colours = next(root.iter(f"{_A}clrScheme"))
    colours.set("name", "Aurora")
    for name, value in _COLOURS.items():
        colour = next(colours.iter(f"{_A}{name}"))
        for child in list(colour):
            colour.remove(child)
        etree.SubElement(colour, f"{_A}srgbClr", val=value)
    fonts = next(root.iter(f"{_A}fontScheme"))
    fonts.set("name", "Aurora")
    for latin in fonts.iter(f"{_A}latin"):
        latin.set("typeface", TEXT_FONT)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _slide_data(name: str, shapes: Iterable[str], background: str = "") -> str:
    fill = f'<a:schemeClr val="{background or "bg1"}"/>'
    numbered = "".join(shape.replace("@ID@", str(number)) for number, shape in enumerate(shapes, start=2))
    return (
        f"<p:cSld {NAMESPACES} name={quoteattr(name)}><p:bg><p:bgPr><a:solidFill>{fill}</a:solidFill><a:effectLst/>"
        '</p:bgPr></p:bg><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
        '<p:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/>'
        f"</a:xfrm></p:grpSpPr>{numbered}</p:spTree></p:cSld>"
    )


def _rectangle(name: str, box: Box, colour: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="@ID@" name="{name}"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr>{xfrm(box)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        f'<a:solidFill><a:schemeClr val="{colour}"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>'
        '<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr lang="en-US"/></a:p></p:txBody></p:sp>'
    )


def _placeholder(
    name: str,
    kind: str,
    box: Box,
    prompt: str,
    *,
    idx: int | None = None,
    type_: Type | None = None,
    colour: str = "tx1",
    anchor: str = "t",
    align: str = "l",
    italic: bool = False,
    padding: float = 0,
    fill: str = "",
    font: str = "+mn-lt",
    content: str = "",
) -> str:
    """A placeholder; `type_` None takes letters and bullets from the master."""
    number = "" if idx is None else f' idx="{idx}"'
    kind_of = f' type="{kind}"' if kind else ""
    inset = Pt(padding)
    style = ""
    if type_:
        style = (
            f'<a:lvl1pPr marL="0" indent="0" algn="{align}"><a:lnSpc><a:spcPts val="{round(type_.line * 100)}"/>'
            f'</a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef><a:buNone/>'
            f'<a:defRPr sz="{round(type_.size * 100)}" b="{int(type_.bold)}" i="{int(italic)}">'
            f'<a:solidFill><a:schemeClr val="{colour}"/></a:solidFill><a:latin typeface="{font}"/></a:defRPr>'
            "</a:lvl1pPr>"
        )
    filled = f'<a:solidFill><a:schemeClr val="{fill}"/></a:solidFill>' if fill else ""
    text = content or f'<a:r><a:rPr lang="en-US"/><a:t>{prompt}</a:t></a:r>'
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="@ID@" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        f"<p:nvPr><p:ph{kind_of}{number}/></p:nvPr></p:nvSpPr>"
        f'<p:spPr>{xfrm(box)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{filled}</p:spPr>'
        f'<p:txBody><a:bodyPr vert="horz" wrap="square" lIns="{inset}" tIns="{inset}" rIns="{inset}" bIns="{inset}" '
        f'rtlCol="0" anchor="{anchor}"><a:noAutofit/></a:bodyPr><a:lstStyle>{style}</a:lstStyle>'
        f"<a:p>{text}</a:p></p:txBody></p:sp>"
    )


def _footers(colour: str = "") -> list[str]:
    style = at.FOOTER_TYPE
    number = (
        '<a:fld id="{5F0B6C0E-7A44-4E5B-9B0D-3C1D2A6E8F11}" type="slidenum"><a:rPr lang="en-US"/><a:t>‹#›</a:t></a:fld>'
    )
    return [
        _placeholder(
            "Footer Placeholder",
            "ftr",
            at.FOOTER,
            "Footer",
            idx=FOOTER,
            type_=style,
            colour=colour or "tx1",
            anchor="ctr",
        ),
        _placeholder(
            "Slide Number Placeholder",
            "sldNum",
            at.NUMBER,
            "",
            idx=NUMBER,
            type_=style,
            colour=colour or "tx1",
            anchor="ctr",
            align="r",
            content=number,
        ),
    ]


def _master_shapes() -> list[str]:
    levels = "".join(
        f'<a:pPr lvl="{level}"/><a:r><a:rPr lang="en-US"/><a:t>{text} level</a:t></a:r></a:p><a:p>'
        for level, text in enumerate(("First", "Second", "Third", "Fourth"))
    ).removesuffix("</a:p><a:p>")
    return [
        _rectangle("Edge", Box(0, 0, 12, at.SLIDE.height), "accent1"),
        _rectangle("Line above the footer", Box(54, 494, 852, 0.75), "bg2"),
        _placeholder("Title Placeholder", "title", at.TITLE, "Click to edit the title"),
        _placeholder("Text Placeholder", "body", at.BODY, "", idx=BODY, content=levels),
        *_footers(),
    ]


def _title(box: Box = at.TITLE, type_: Type | None = None, kind: str = "title", **more: str) -> str:
    colour, anchor = more.get("colour", "tx2"), more.get("anchor", "t")
    return _placeholder("Title", kind, box, "Title", type_=type_, colour=colour, anchor=anchor)


def _kicker() -> str:
    style = at.KICKER_TYPE
    return _placeholder("Kicker", "body", at.KICKER, "Where we are", idx=KICKER, type_=style, colour="accent1")


def _layouts() -> list[tuple[str, str, list[str], str]]:
    """Kind, name, shapes and background of each layout, in the order of `Layouts`."""
    height = at.SLIDE.height / len(_BANDS)
    bands = [
        _rectangle(f"Band {number}", Box(at.SLIDE.width - 36, number * height, 36, height), colour)
        for number, colour in enumerate(_BANDS)
    ]
    pale = [_rectangle("Band", Box(0, 0, 36, at.SLIDE.height), "tx2")]
    content = [_title(), _kicker()]

    def text(name: str, idx: int, box: Box, type_: Type, **more: str) -> str:
        return _placeholder(
            name,
            "body",
            box,
            name,
            idx=idx,
            type_=type_,
            colour=more.get("colour", "tx1"),
            anchor=more.get("anchor", "t"),
            italic="italic" in more,
        )

    cover = [
        *bands,
        _title(at.COVER_TITLE, at.COVER_TITLE_TYPE, "ctrTitle", colour="bg1"),
        text("Label", LABEL, at.COVER_LABEL, at.LABEL_TYPE, colour="bg2"),
        _placeholder(
            "Subtitle", "subTitle", at.COVER_SUBTITLE, "Subtitle", idx=BODY, type_=at.SUBTITLE_TYPE, colour="bg2"
        ),
    ]
    section = [
        *pale,
        _title(at.SECTION_TITLE, at.SECTION_TITLE_TYPE, colour="bg1"),
        text("Label", LABEL, at.SECTION_LABEL, at.LABEL_TYPE, colour="bg2"),
        text("Remark", REMARK, at.SECTION_REMARK, at.SUBTITLE_TYPE, colour="bg1", italic="yes"),
        *_footers("bg2"),
    ]
    lead = text("Lead", LEAD, at.LEAD, at.LEAD_TYPE)
    table = _placeholder("Table", "tbl", at.BELOW_LEAD, "Table", idx=TABLE, type_=at.LEAD_TYPE)
    code = _placeholder(
        "Code",
        "body",
        at.BELOW_LEAD,
        "Code",
        idx=CODE,
        type_=at.CODE_TYPE,
        padding=at.CODE_PADDING,
        fill="bg2",
        font=CODE_FONT,
    )
    picture = _placeholder("Picture", "pic", at.PICTURE, "Picture", idx=PICTURE, type_=at.LEAD_TYPE)
    caption = _placeholder("Caption", "body", at.CAPTION, "Caption", idx=CAPTION, type_=at.CAPTION_TYPE, align="ctr")
    return [
        ("title", "Title Slide", cover, "tx2"),
        (
            "obj",
            "Title and Content",
            [*content, _placeholder("Content", "", at.BODY, "Text", idx=BODY), *_footers()],
            "",
        ),
        ("secHead", "Section Header", section, "accent1"),
        ("", "Title and Table", [*content, lead, table, *_footers()], ""),
        ("", "Title and Code", [*content, lead, code, *_footers()], ""),
        ("", "Picture with Caption", [*content, picture, caption, *_footers()], ""),
    ]


def _text_styles() -> str:
    title = (
        f'<a:lvl1pPr algn="l"><a:lnSpc><a:spcPts val="{round(at.TITLE_TYPE.line * 100)}"/></a:lnSpc>'
        f'<a:spcBef><a:spcPts val="0"/></a:spcBef><a:buNone/><a:defRPr sz="{round(at.TITLE_TYPE.size * 100)}" b="1">'
        '<a:solidFill><a:schemeClr val="tx2"/></a:solidFill><a:latin typeface="+mj-lt"/><a:ea typeface="+mj-ea"/>'
        '<a:cs typeface="+mj-cs"/></a:defRPr></a:lvl1pPr>'
    )
    levels = ""
    for level in range(9):
        type_ = at.BODY_TYPES[min(level, len(at.BODY_TYPES) - 1)]
        sign = ("•", "–", "•", "–")[min(level, 3)]
        levels += (
            f'<a:lvl{level + 1}pPr marL="{Pt((level + 1) * at.INDENT)}" indent="{-Pt(at.INDENT)}" algn="l">'
            f'<a:lnSpc><a:spcPts val="{round(type_.line * 100)}"/></a:lnSpc>'
            f'<a:spcBef><a:spcPts val="{round(at.BODY_GAP * 100)}"/></a:spcBef>'
            '<a:buClr><a:schemeClr val="accent1"/></a:buClr><a:buFont typeface="Arial"/>'
            f'<a:buChar char="{sign}"/><a:defRPr sz="{round(type_.size * 100)}"><a:solidFill>'
            '<a:schemeClr val="tx1"/></a:solidFill><a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/>'
            f'<a:cs typeface="+mn-cs"/></a:defRPr></a:lvl{level + 1}pPr>'
        )
    other = '<a:lvl1pPr><a:defRPr sz="1800"/></a:lvl1pPr>'
    return (
        f"<p:txStyles {NAMESPACES}><p:titleStyle>{title}</p:titleStyle><p:bodyStyle>{levels}</p:bodyStyle>"
        f"<p:otherStyle>{other}</p:otherStyle></p:txStyles>"
    )
