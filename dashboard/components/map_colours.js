// The palette as the canvas needs it: resolved colours, read anew when the theme changes.

const COLOUR_NAMES = ["rpc", "messaging", "database", "failing", "stuck", "stuck-ink", "node", "muted", "border", "accent"];

function colourReader(stage, changed) {
  const probes = make("div", { class: "probes", "aria-hidden": "true" });
  for (const name of COLOUR_NAMES) probes.append(make("span", { style: `color: var(--${name})` }));
  probes.append(make("span", { style: "color: var(--st-text-color)" }), make("span", { style: "color: var(--st-background-color)" }));
  stage.append(probes);
  probes.addEventListener("transitionend", changed);
  return () => {
    const found = {};
    [...COLOUR_NAMES, "text", "page"].forEach((name, i) => {
      found[name] = getComputedStyle(probes.children[i]).color;
    });
    const [r, g, b] = found.page.match(/[\d.]+/g).map(Number);
    found.dark = r * 0.3 + g * 0.6 + b * 0.1 < 128;
    found.font = getComputedStyle(stage).fontFamily;
    return found;
  };
}

/** A resolved colour with an opacity. */
function faint(colour, alpha) {
  const [r, g, b] = colour.match(/[\d.]+/g);
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}
