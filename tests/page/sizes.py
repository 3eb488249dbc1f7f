"""The screens that every part of the page must fit, and what of a part is not whole or too small for a finger."""

from __future__ import annotations

from playwright.sync_api import Page

SIZES = {
    f"{width}x{height}": {"width": width, "height": height}
    for width, height in ((390, 844), (844, 390), (360, 640), (673, 841), (768, 1024))
}
"""Phones both ways, a small phone, a foldable, a tablet; CSS pixels."""
TARGET_PX = 44.0

_NOT_WHOLE = """(root) => {
  const target = %s, faults = [];
  const inside = (box, frame) => box.left >= frame.left - 1 && box.right <= frame.right + 1 &&
    box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled;
  const controls = [...root.querySelectorAll("button, input, select, a, [role=switch]")].filter(seen);
  for (const element of controls) {
    const hidden = element.matches(".choice-option input") ? element.parentElement : element; // drawn by its label
    const says = hidden.textContent.trim() || hidden.ariaLabel;
    const name = `${hidden.tagName} ${hidden.id || hidden.className} "${says}"`;
    document.getElementById("toasts")?.replaceChildren(); // a message of the moment, such as "Live again", is no fault
    hidden.scrollIntoView({ block: "center", inline: "nearest" });
    const box = hidden.getBoundingClientRect();
    if (getComputedStyle(hidden).display !== "inline" && Math.min(box.width, box.height) < target - 0.5)
      faults.push(`${name} is small: ${box.width.toFixed(1)} x ${box.height.toFixed(1)}`);
    let placed = getComputedStyle(hidden).position === "absolute"; // cut off by what it is placed in, only
    for (let frame = hidden.parentElement; frame; frame = frame.parentElement) {
      const { overflowX, overflowY, position, containerType } = getComputedStyle(frame);
      if (placed && position === "static" && containerType === "normal") continue;
      placed = position === "absolute";
      if (overflowX === "visible" && overflowY === "visible") continue;
      if (!inside(box, frame.getBoundingClientRect()))
        faults.push(`${name} is cut off by ${frame.tagName} ${frame.id || frame.className}`);
    }
    const right = document.documentElement.clientWidth; // what is too wide makes innerWidth of a phone wider, too
    if (!inside(box, { left: 0, top: 0, right, bottom: innerHeight })) faults.push(`${name} is outside`);
    const line = hidden.getClientRects()[0]; // a link may break into two lines
    const middle = document.elementFromPoint((line.left + line.right) / 2, (line.top + line.bottom) / 2);
    if (!middle || !(hidden.contains(middle) || middle.closest("label")?.contains(hidden)))
      faults.push(`${name} is under ${middle?.id || middle?.className}`);
    const wide = hidden.scrollWidth > hidden.clientWidth + 1;
    if (wide && getComputedStyle(hidden).display !== "inline" && hidden.type !== "text")
      faults.push(`${name}: its text is cut`);
    for (const part of hidden.querySelectorAll(":not(.unseen)")) {
      if (seen(part) && part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX === "hidden")
        faults.push(`${name}: ${part.className} is cut`);
    }
  }
  if (controls.length === 0) faults.push("there is no control");
  return faults;
}"""


def not_whole(page: Page, selector: str) -> list[str]:
    """Scroll to every control inside of `selector`; tell which cannot be seen whole, reached, or hit by a finger."""
    faults: list[str] = page.locator(selector).evaluate(_NOT_WHOLE % TARGET_PX)
    return faults
