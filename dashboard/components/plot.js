// A small chart: lines or bars over equal steps, with a legend, at most four grid lines, and the values
// under the pointer or the arrow keys. Data: {label, height, unit, stacked, steps: [text], ticks: [[step,
// text]], series: [{name, kind: line|bars, colour, dash, values}]}. Colours are CSS and follow the theme.

const LEFT = 52;
const RIGHT = 6;
const TOP = 8;
const BOTTOM = 24;
const DASHES = { solid: null, dash: "8 6", dot: "2 4" };
const watched = new WeakMap();

/** A round step of the axis so that at most four lines fit. */
function roundStep(most) {
  const raw = most / 4 || 1;
  const size = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].map((n) => n * size).find((n) => n >= raw);
}

function number(value) {
  if (value >= 1e6) return `${+(value / 1e6).toPrecision(3)} M`;
  if (value >= 1e4) return `${+(value / 1e3).toPrecision(3)} k`;
  return String(+value.toPrecision(3));
}

function highest(data) {
  const sums = data.steps.map((_, at) => {
    const values = data.series.map((one) => one.values[at] ?? 0);
    return data.stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
  });
  return Math.max(...sums, 0) || 1;
}

function linePath(values, x, y) {
  let d = "";
  values.forEach((value, at) => {
    if (value === null) return;
    const before = at > 0 && values[at - 1] !== null;
    const after = at + 1 < values.length && values[at + 1] !== null;
    d += `${before ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    if (!before && !after) d += "h0.01";
  });
  return d;
}

function barPath(data, index, x, y, wide) {
  let d = "";
  data.series[index].values.forEach((value, at) => {
    if (!value) return;
    const below = data.stacked ? data.series.slice(0, index).reduce((sum, one) => sum + (one.values[at] ?? 0), 0) : 0;
    const top = y(below + value);
    const high = Math.max(1, y(below) - top);
    d += `M${(x(at) - wide / 2).toFixed(1)} ${(y(below) - high).toFixed(1)}h${wide.toFixed(1)}v${high.toFixed(1)}h${(-wide).toFixed(1)}Z`;
  });
  return d;
}

function legend(root, data) {
  const swatch = (one) => {
    const line = draw("path", { d: one.kind === "bars" ? "M6 0h10v10h-10Z" : "M0 5H22", class: one.kind === "bars" ? "" : "line", "stroke-dasharray": DASHES[one.dash] });
    line.style[one.kind === "bars" ? "fill" : "stroke"] = one.colour;
    return draw("svg", { viewBox: "0 0 22 10", "aria-hidden": "true" }, line);
  };
  const entries = data.series.length > 1 ? data.series : [];
  root.querySelector(".legend").replaceChildren(...entries.map((one) => make("span", {}, swatch(one), one.name)));
}

function render(root) {
  const data = root.shown;
  const svg = root.querySelector(".plot");
  const width = Math.max(160, root.clientWidth || 400);
  const height = data.height;
  setAttribute(svg, "viewBox", `0 0 ${width} ${height}`);
  setAttribute(svg, "height", height);
  const count = Math.max(1, data.steps.length);
  const bars = data.series.some((one) => one.kind === "bars");
  const room = width - LEFT - RIGHT;
  const slot = bars ? room / count : room / Math.max(1, count - 1);
  const x = (at) => LEFT + (bars ? (at + 0.5) * slot : at * slot);
  const most = highest(data);
  const step = roundStep(most);
  const top = Math.max(most * 1.04, step);
  const y = (value) => TOP + (1 - value / top) * (height - TOP - BOTTOM);
  const parts = [];
  for (let value = 0; value <= top + 1e-9; value += step) {
    parts.push(draw("path", { class: "grid", d: `M${LEFT} ${y(value)}H${width - RIGHT}` }));
    parts.push(draw("text", { class: "tick", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, `${number(value)}${data.unit}`));
  }
  const fit = Math.max(1, Math.ceil(data.ticks.length / Math.max(1, Math.floor(room / 62))));
  let taken = -Infinity;
  data.ticks.filter((_, at) => at % fit === 0).forEach(([at, text]) => {
    const near = x(at) > width - 30 ? "end" : "middle";
    const wide = text.length * 6.8;
    const left = x(at) - (near === "end" ? wide : wide / 2);
    if (left < taken + 6) return;
    taken = left + wide;
    parts.push(draw("text", { class: "tick", x: x(at), y: height - 6, "text-anchor": near }, text));
  });
  data.series.forEach((one, index) => {
    const path = draw("path", one.kind === "bars" ? { d: barPath(data, index, x, y, Math.max(1, slot * 0.78)) } : { class: "line", d: linePath(one.values, x, y), "stroke-dasharray": DASHES[one.dash] });
    path.style[one.kind === "bars" ? "fill" : "stroke"] = one.colour;
    parts.push(path);
  });
  parts.push(draw("g", { class: "here" }));
  svg.replaceChildren(...parts);
  legend(root, data);
  root.scale = { x, y, slot, bars, width, height, count };
  if (root.at !== undefined && root.at !== null) point(root, Math.min(root.at, count - 1));
}

/** Show the values at a step; null takes them away. */
function point(root, at) {
  root.at = at;
  const { x, y, width, height, bars } = root.scale;
  const here = root.querySelector(".here");
  const tip = root.querySelector(".tip");
  tip.hidden = at === null;
  if (at === null) return here.replaceChildren();
  const data = root.shown;
  const known = data.series.filter((one) => one.values[at] !== null && one.values[at] !== undefined);
  const spots = bars ? [] : known.map((one) => {
    const spot = draw("circle", { class: "spot", r: 4, cx: x(at), cy: y(one.values[at]) });
    spot.style.fill = one.colour;
    return spot;
  });
  here.replaceChildren(draw("path", { class: "cursor", d: `M${x(at)} ${TOP}V${height - BOTTOM}` }), ...spots);
  const lines = known.map((one) => make("div", {}, make("span", {}, one.name), make("b", {}, `${number(one.values[at])}${data.unit}`)));
  tip.replaceChildren(make("div", {}, make("span", { class: "muted" }, data.steps[at])), ...lines);
  const left = x(at) * (root.clientWidth / width);
  const over = left > root.clientWidth / 2;
  Object.assign(tip.style, over ? { left: "auto", right: `${root.clientWidth - left + 10}px` } : { left: `${left + 10}px`, right: "auto" });
}

function listen(root, svg) {
  const step = (event) => {
    const box = svg.getBoundingClientRect();
    const { slot, bars, count, width } = root.scale;
    const inside = ((event.clientX - box.left) * width) / box.width - LEFT;
    return Math.max(0, Math.min(count - 1, bars ? Math.floor(inside / slot) : Math.round(inside / slot)));
  };
  svg.addEventListener("pointermove", (event) => root.shown.steps.length && point(root, step(event)));
  svg.addEventListener("pointerleave", () => point(root, null));
  svg.addEventListener("blur", () => point(root, null));
  svg.addEventListener("keydown", (event) => {
    const last = root.shown.steps.length - 1;
    const now = root.at ?? (event.key === "ArrowLeft" ? last + 1 : -1);
    const next = { ArrowRight: Math.min(last, now + 1), ArrowLeft: Math.max(0, now - 1), Home: 0, End: last, Escape: null }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    point(root, next);
  });
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  root.shown = data;
  if (!root.querySelector(".plot")) {
    followLinks(root);
    const svg = draw("svg", { class: "plot", role: "img", tabindex: "0" });
    const tip = make("div", { class: "tip", role: "status" });
    tip.hidden = true;
    root.append(make("div", { class: "legend" }), svg, tip);
    listen(root, svg);
  }
  setAttribute(root.querySelector(".plot"), "aria-label", data.label);
  render(root);
  watched.get(root)?.disconnect();
  const observer = new ResizeObserver(() => render(root));
  observer.observe(root);
  watched.set(root, observer);
  return () => watched.get(root)?.disconnect();
}
