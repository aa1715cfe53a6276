// An order over services and time. Bars are links that select a step; arrows are SVG above them.
// Data: {lanes: [{name, row, rows}], rows, shades, ticks, bars: [{id, row, left, width, look, icon,
// text, took, tip, missing, usual}], thin, arrows: [{kind, text, pending, source, target, at}],
// path: [{kind, left, width, tip}], links: {step: href}, pathLink, selected, label}.

const ROW = 60;
const BAR_TOP = 23;
const BAR = 17;
const THIN_TOP = 43;
const TOP = 22;
const PATH = 26;
const EDGE = 12;
const observers = new WeakMap();

function px(value) {
  return `${Math.round(value * 10) / 10}px`;
}

/** Where things are in pixels: x of a share of the axis, y of a row. */
function geometry(root, data) {
  const longest = Math.max(0, ...data.lanes.map((lane) => widthOf(lane.name, root, 13)));
  const names = Math.min(Math.ceil(longest), 210) + 20;
  const width = Math.max(320, (root.clientWidth || 1000) - names - EDGE);
  const top = TOP + (data.path.length ? PATH : 0);
  return { names, width, top, x: (share) => share * width, y: (row) => top + row * ROW, height: top + data.rows * ROW };
}

/** Room for the words over each bar: up to the next bar of its row, or leftwards at the end. */
function placeWords(root, data, at) {
  const rows = new Map();
  for (const bar of data.bars) if (!bar.missing) rows.set(bar.row, [...(rows.get(bar.row) || []), bar]);
  const places = new Map();
  for (const bars of rows.values()) {
    let free = 0;
    bars.forEach((bar, index) => {
      const left = at.x(bar.left);
      const end = index + 1 < bars.length ? at.x(bars[index + 1].left) - 8 : at.width;
      const wanted = widthOf(`${bar.icon} ${bar.text}`, root, 12) + 2;
      const start = end - left < wanted ? Math.max(free, end - wanted) : left;
      places.set(bar.id, { left: start, width: end - start });
      free = Math.min(start + wanted, end) + 8;
    });
  }
  return places;
}

function barCreate(bar) {
  const anchor = make("a", { class: bar.missing ? "bar missing" : "bar" });
  if (bar.missing) anchor.append(make("span", { class: "said" }, make("b"), make("span", { class: "took" })));
  return make("li", {}, anchor, make("span", { class: bar.missing ? "usual" : "word" }));
}

function barUpdate(item, bar, at, words, data) {
  const [anchor, note] = item.children;
  const left = at.x(bar.left);
  const from = bar.missing ? Math.min(left + 10, at.width - 40) : left;
  const width = bar.missing ? at.width - from : Math.max(3, at.x(bar.width));
  setAttribute(anchor, "href", ownAddress(data.links[bar.id]));
  setAttribute(anchor, "data-look", bar.look);
  setAttribute(anchor, "data-tip", bar.tip);
  setAttribute(anchor, "aria-label", `${bar.id}, ${bar.icon} ${bar.text}, ${bar.took}${bar.usual ? `, ${bar.usual}` : ""}`);
  setAttribute(anchor, "aria-current", data.selected === bar.id ? "step" : null);
  Object.assign(anchor.style, { left: px(from), top: px(at.y(bar.row) + BAR_TOP - (bar.missing ? 3 : 0)), width: px(width), height: px(bar.missing ? BAR + 6 : BAR) });
  if (bar.missing) {
    setText(anchor.querySelector("b"), `${bar.icon} ${bar.text}`);
    setText(anchor.querySelector(".took"), bar.took);
    setText(note, width > 160 ? bar.usual : "");
    Object.assign(note.style, { left: px(from + 12), top: px(at.y(bar.row) + THIN_TOP + 1), maxWidth: px(Math.max(0, width - 12)) });
  } else {
    const place = words.get(bar.id);
    setText(note, place.width > 24 ? `${bar.icon} ${bar.text}` : "");
    setAttribute(note, "data-look", bar.look);
    Object.assign(note.style, { left: px(place.left), top: px(at.y(bar.row) + 3), maxWidth: px(place.width) });
  }
}

/** An arrow in pixels: down from its start, or from so far left that it turns into the bar's edge. */
function arrowPath(arrow, bars, at) {
  const source = bars.get(arrow.source);
  const target = bars.get(arrow.target);
  if (!source || !target) return null;
  const down = target.row > source.row;
  const x1 = at.x(target.left) + (target.missing ? 10 : 0);
  const y1 = at.y(target.row) + BAR_TOP + BAR / 2;
  const edge = at.x(source.left);
  const x0 = Math.min(at.x(arrow.at), x1 - 15);
  if (x0 < edge) {
    const y0 = at.y(source.row) + BAR_TOP + BAR / 2;
    const out = Math.min(edge, x1) - 15;
    return { d: `M${px1(edge)} ${px1(y0)}C${px1(out)} ${px1(y0)} ${px1(out)} ${px1(y1)} ${px1(x1 - 7)} ${px1(y1)}`, x0: out, x1, y1, target };
  }
  const y0 = at.y(source.row) + (down ? BAR_TOP + BAR : BAR_TOP);
  const bend = Math.min(28, x1 - x0 - 8);
  return {
    d: `M${px1(x0)} ${px1(y0)}C${px1(x0)} ${px1(y0 + (y1 - y0) * 0.75)} ${px1(x0 + 2)} ${px1(y1)} ${px1(x0 + bend)} ${px1(y1)}L${px1(x1 - 7)} ${px1(y1)}`,
    ...{ x0, x1, y1, target },
  };
}

function px1(value) {
  return Math.round(value * 10) / 10;
}

/** The topic before the arrow's head, where nothing else stands. */
function topicPlace(root, arrow, drawn, data, at, taken) {
  if (!arrow.text || taken.has(`${arrow.text}\n${arrow.target}`)) return null;
  const width = widthOf(arrow.text, root, 11) + 4;
  const before = data.bars.filter((bar) => bar.row === drawn.target.row && bar.left < drawn.target.left);
  const free = Math.max(0, ...before.map((bar) => at.x(bar.left + bar.width) + 6));
  const inside = drawn.x1 - drawn.x0 - 40 >= width;
  const left = inside ? drawn.x1 - 14 - width : drawn.x0 - 6 - width;
  if (left < free) return null;
  taken.add(`${arrow.text}\n${arrow.target}`);
  return { x: left + width, y: drawn.y1 + (inside ? -5 : 4) };
}

function renderArrows(svg, root, data, at) {
  setAttribute(svg, "width", at.width + EDGE);
  setAttribute(svg, "height", at.height);
  const bars = new Map(data.bars.map((bar) => [bar.id, bar]));
  const taken = new Set();
  const drawn = data.arrows
    .map((arrow) => ({ arrow, way: arrowPath(arrow, bars, at) }))
    .filter(({ way }) => way)
    .map(({ arrow, way }) => ({ arrow, way, topic: topicPlace(root, arrow, way, data, at, taken) }));
  patch(
    svg.querySelector(".ways"),
    drawn,
    ({ arrow }) => `${arrow.source}\n${arrow.target}`,
    () => draw("g", {}, draw("path"), draw("text")),
    (group, { arrow, way, topic }) => {
      const [path, text] = group.children;
      setAttribute(path, "d", way.d);
      setAttribute(path, "class", `way ${arrow.kind}${arrow.pending ? " pending" : ""}`);
      setAttribute(path, "marker-end", `url(#head-${arrow.kind})`);
      setAttribute(text, "class", `topic ${arrow.kind}`);
      setAttribute(text, "x", topic ? px1(topic.x) : 0);
      setAttribute(text, "y", topic ? px1(topic.y) : 0);
      setText(text, topic ? arrow.text : "");
    },
  );
}

function box(item, at, top, height, extra = {}) {
  return { left: px(at.x(item.left)), width: px(Math.max(extra.least || 0, at.x(item.width))), top: px(top), height: px(height) };
}

function render(root, data) {
  const at = geometry(root, data);
  const stage = root.querySelector(".stage");
  stage.style.height = px(at.height + 24);
  const plot = stage.querySelector(".plot");
  Object.assign(plot.style, { left: px(at.names), width: px(at.width) });
  const indexed = (list) => list.map((item, place) => ({ ...item, place }));
  const byPlace = (item) => item.place;
  patch(stage.querySelector(".names"), data.lanes, (lane) => lane.name, () => make("span"), (name, lane) => {
    setText(name, lane.name);
    setAttribute(name, "title", lane.name);
    Object.assign(name.style, { top: px(at.y(lane.row)), height: px(lane.rows * ROW), width: px(at.names - 14), lineHeight: px(lane.rows * ROW) });
  });
  patch(plot.querySelector(".stripes"), indexed(data.lanes), byPlace, () => make("span"), (stripe, lane) =>
    Object.assign(stripe.style, { top: px(at.y(lane.row)), height: px(lane.rows * ROW) }));
  patch(plot.querySelector(".shades"), indexed(data.shades), byPlace, () => make("span", {}, make("i")), (shade, item) => {
    Object.assign(shade.style, box(item, at, TOP, at.height - TOP));
    setText(shade.firstElementChild, at.x(item.width) >= widthOf(item.text, root, 11) - 16 ? item.text : "");
  });
  patch(plot.querySelector(".ticks"), indexed(data.ticks), byPlace, () => make("span"), (tick, item) => {
    setText(tick, item.text);
    setAttribute(tick, "class", item.place === 0 ? "first" : item.at === 1 ? "last" : null);
    Object.assign(tick.style, { left: px(at.x(item.at)), top: px(at.height + 4) });
  });
  const path = stage.querySelector(".path");
  path.hidden = !data.path.length;
  setAttribute(path, "href", ownAddress(data.pathLink));
  Object.assign(path.style, { width: px(at.names - 14), top: px(TOP) });
  patch(plot.querySelector(".pieces"), indexed(data.path), byPlace, () => make("span"), (piece, item) => {
    setAttribute(piece, "data-kind", item.kind);
    setAttribute(piece, "data-tip", item.tip);
    Object.assign(piece.style, box(item, at, TOP + 6, 9, { least: 1 }));
  });
  patch(plot.querySelector(".thin"), indexed(data.thin), byPlace, () => make("span"), (span, item) => {
    setAttribute(span, "data-look", item.look);
    setAttribute(span, "data-tip", item.tip);
    Object.assign(span.style, box(item, at, at.y(item.row) + THIN_TOP, 6, { least: 2 }));
  });
  const words = placeWords(root, data, at);
  patch(plot.querySelector("ol"), data.bars, (bar) => bar.id, barCreate, (item, bar) => barUpdate(item, bar, at, words, data));
  renderArrows(plot.querySelector("svg"), root, data, at);
}

function build(root) {
  const layer = (name) => make("div", { class: name, "aria-hidden": "true" });
  const svg = draw("svg", { "aria-hidden": "true" });
  const defs = draw("defs");
  for (const kind of ["rpc", "messaging", "within"]) defs.append(arrowHead(`head-${kind}`, `head ${kind}`));
  svg.append(defs, draw("g", { class: "ways" }));
  const list = make("ol");
  const plot = make("div", { class: "plot" }, layer("stripes"), layer("shades"), layer("pieces"), layer("thin"), list, svg, layer("ticks"));
  const stage = make("div", { class: "stage" }, make("a", { class: "path" }, "critical path"), layer("names"), plot);
  root.append(stage);
  showTips(root);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  if (!root.firstElementChild) build(root);
  setAttribute(root.querySelector("ol"), "aria-label", data.label);
  render(root, data);
  observers.get(root)?.disconnect();
  const observer = new ResizeObserver(() => render(root, data));
  observer.observe(root);
  observers.set(root, observer);
  document.fonts.ready.then(() => root.isConnected && render(root, data));
  return () => observers.get(root)?.disconnect();
}
