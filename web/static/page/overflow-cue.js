/**
 * What overflows shows that it does: a place that scrolls says in `data-more` whether it goes on above or below, and
 * layout.css fades that edge. Runs on the page; main.js calls it.
 */

const SLACK_PX = 2;

/** Watches the panels, and the bodies of all sheets and of the help. */
export function showOverflow() {
  for (const place of document.querySelectorAll(".panels, .sheet-body, .help-body")) {
    const show = () => showEdges(place);
    place.addEventListener("scroll", show, { passive: true });
    const sizes = new ResizeObserver(show);
    sizes.observe(place);
    for (const child of place.children) sizes.observe(child);
    new MutationObserver(() => {
      for (const child of place.children) sizes.observe(child);
      show();
    }).observe(place, { childList: true });
  }
}

/** @param {Element} place */
function showEdges(place) {
  const above = place.scrollTop > SLACK_PX;
  const below = place.scrollHeight - place.clientHeight - place.scrollTop > SLACK_PX;
  const more = [above ? "above" : "", below ? "below" : ""].filter(Boolean).join(" ");
  if (more) place.setAttribute("data-more", more);
  else place.removeAttribute("data-more");
}
