"""A laid-out card, drawn."""

from PIL import Image, ImageDraw, ImageFilter

from media_worker.render.boxes import Box, Frame
from media_worker.render.fonts import LINE, font, text_width
from media_worker.render.layout import layout
from media_worker.render.theme import DARK, INK, Color, Picture, accent_of, background, hue_of
from shared.messages.script import Card


def picture(heading: str, card: Card, frame: Frame) -> Picture:
    """The scene's still, without captions."""
    hue = hue_of(heading, card)
    image = background(frame.width, frame.height, hue)
    accent = accent_of(hue)
    for box in layout(heading, card, frame):
        if box.text is None:
            _shape(image, box, frame, accent)
    for box in layout(heading, card, frame):
        if box.text is not None:
            _text(image, box, _ink(box, accent))
    return image.convert("RGB")


def _ink(box: Box, accent: Color) -> Color:
    if box.role == "accent":
        return accent
    return DARK if box.accent else INK


def _shape(image: Picture, box: Box, frame: Frame, accent: Color) -> None:
    edge = (box.x0, box.y0, box.x1, box.y1)
    if box.role == "panel":
        _panel(image, edge, min(frame.unit * 0.025, box.height / 2))
        return
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    fill = (*accent, 255) if box.accent else (255, 255, 255, 190)
    if box.role == "badge":
        draw.ellipse(edge, fill=fill, outline=(255, 255, 255, 255), width=max(1, frame.unit // 300))
    else:
        draw.rounded_rectangle(edge, min(box.height, box.width) / 2, fill=fill)
    image.alpha_composite(layer)


def _panel(image: Picture, edge: tuple[float, float, float, float], radius: float) -> None:
    """Frosted glass: what is behind, blurred, a little lighter, with a fine line around it."""
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).rounded_rectangle(edge, radius, fill=255)
    image.paste(image.filter(ImageFilter.GaussianBlur(18)), (0, 0), mask)
    layer = Image.new("RGBA", image.size)
    ImageDraw.Draw(layer).rounded_rectangle(
        edge, radius, fill=(255, 255, 255, 22), outline=(255, 255, 255, 70), width=2
    )
    image.alpha_composite(layer)


def _text(image: Picture, box: Box, ink: Color) -> None:
    fitted = box.text
    if fitted is None:
        return
    face = font(fitted.size, box.weight)
    top = (box.y0 + box.y1) / 2 - fitted.height / 2
    step = fitted.size * LINE
    words = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(words)
    for index, line in enumerate(fitted.lines):
        wide = text_width(line, fitted.size, box.weight)
        x = {
            "center": (box.x0 + box.x1 - wide) / 2,
            "left": box.x0,
            "right": box.x1 - wide,
        }[box.align]
        draw.text((x, top + step * (index + 0.5)), line, font=face, fill=(*ink, 255), anchor="lm")
    if ink != DARK:
        shadow = Image.new("RGBA", image.size, (0, 0, 0, 0))
        shadow.putalpha(words.getchannel("A").point(lambda alpha: alpha * 0.55))
        shifted = shadow.filter(ImageFilter.GaussianBlur(max(1, fitted.size * 0.07)))
        image.alpha_composite(shifted, (0, max(1, round(fitted.size * 0.05))))
    image.alpha_composite(words)
