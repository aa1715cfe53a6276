// The step graph of an order: boxes are links (they select a step), arrows are SVG below them.
// Data: {boxes, arrows, columns, rows, selected, links: {step: href}, label}.

const BOX_H = 74;
const ROW_GAP = 22;
const PAD = 6;
const LIFT = 34;
const observed = new WeakMap();

function measure(root, data) {
  const width = root.clientWidth || 1000;
  const columns = Math.max(1, data.columns);
  const least = columns > 5 ? 24 : 40;
  const free = Math.floor((width - 2 * PAD - least * (columns - 1)) / columns);
  const box = Math.max(124, Math.min(208, free));
  const spare = columns > 1 ? (width - 2 * PAD - box * columns) / (columns - 1) : least;
  return { gap: Math.max(least, Math.min(84, Math.floor(spare))), box };
}

function boxCreate() {
  const anchor = make("a", { class: "step" });
  for (const part of ["service", "title", "state"]) anchor.append(make("span", { class: part }));
  anchor.lastElementChild.append(make("b"), make("span"));
  return anchor;
}

function boxUpdate(root, anchor, box, place, data) {
  setAttribute(anchor, "href", ownAddress(data.links[box.id]));
  setAttribute(anchor, "data-look", box.look);
  setAttribute(anchor, "data-late", box.late ? "true" : null);
  setAttribute(anchor, "data-pending", box.pending ? "true" : null);
  setAttribute(anchor, "aria-current", data.selected === box.id ? "step" : null);
  setAttribute(anchor, "aria-label", `${box.service} ${box.title}, ${box.word}${box.note ? `, ${box.note}` : ""}`);
  setAttribute(anchor, "data-tip", box.tooltip);
  const [service, title, state] = anchor.children;
  setText(service, place.short ? box.short : box.service);
  setText(title, box.title);
  setText(state.firstElementChild, `${box.icon} ${box.word}`);
  setText(state.lastElementChild, box.note ? ` · ${box.note}` : "");
  Object.assign(anchor.style, { left: `${place.x}px`, top: `${place.y}px`, width: `${place.w}px`, height: `${BOX_H}px` });
}

/** What was undone is pointed at: straight up from below, else from above. */
function undoPath(from, to) {
  const x0 = from.x + from.w / 2;
  const x1 = to.x + to.w / 2;
  if (x0 === x1 && from.y > to.y) return `M${x0} ${from.y - 1}L${x1} ${to.y + BOX_H + 7}`;
  const high = Math.min(from.y, to.y) - LIFT;
  return `M${x0} ${from.y}C${x0} ${high} ${x1} ${high} ${x1} ${to.y - 7}`;
}

/** Along the caller's row, then down into the box that it called. */
function dropPath(from, to) {
  const x0 = from.x + from.w + 1;
  const y0 = from.y + BOX_H / 2;
  const x1 = to.x + to.w / 2;
  return `M${x0} ${y0}L${x1 - 10} ${y0}Q${x1} ${y0} ${x1} ${y0 + 10}L${x1} ${to.y - 7}`;
}

function arrowPath(from, to) {
  const x0 = from.x + from.w + 1;
  const y0 = from.y + BOX_H / 2;
  const x1 = to.x - 7;
  const y1 = to.y + BOX_H / 2;
  if (to.x <= from.x) {
    const low = Math.max(from.y, to.y) + BOX_H + 12;
    return `M${from.x + from.w / 2} ${from.y + BOX_H}C${from.x + from.w / 2} ${low} ${to.x + to.w / 2} ${low} ${to.x + to.w / 2} ${to.y + BOX_H + 6}`;
  }
  const bend = Math.max(10, (x1 - x0) / 2);
  return `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`;
}

function wayOf(arrow, from, to) {
  if (arrow.kind === "compensation") return undoPath(from, to);
  return arrow.drop && to.x > from.x && to.y >= from.y + BOX_H ? dropPath(from, to) : arrowPath(from, to);
}

function markers(root) {
  const defs = draw("defs");
  for (const kind of ["rpc", "messaging", "within", "compensation"]) defs.append(arrowHead(`tip-${kind}`, `tip ${kind}`));
  root.append(defs);
}

/** Arrow keys go from box to box: sideways in causal order, up and down within a column. */
function walk(root, event) {
  const boxes = root.data.boxes;
  const at = boxes.findIndex((box) => box.id === event.target.closest("li")?.patchKey);
  const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
  if (at < 0 || !steps) return;
  event.preventDefault();
  const here = boxes[at];
  const [columns, rows] = steps;
  const fits = (box) =>
    columns ? Math.sign(box.column - here.column) === columns : box.column === here.column && Math.sign(box.row - here.row) === rows;
  const far = (box) => Math.abs(box.column - here.column) * 1000 + Math.abs(box.row - here.row);
  const [near] = boxes.filter(fits).sort((a, b) => far(a) - far(b));
  const item = [...root.querySelectorAll("li")].find((li) => li.patchKey === near?.id);
  item?.firstElementChild.focus();
}

function render(root, data) {
  const { gap, box: w } = measure(root, data);
  const arched = data.arrows.some((arrow) => arrow.kind === "compensation" && !isBelow(data, arrow));
  const lift = PAD + (arched ? LIFT : 0);
  const places = new Map();
  const short = data.boxes.some((box) => widthOf(box.service, root, 13, 600) > w - 32);
  for (const box of data.boxes) {
    places.set(box.id, { short, x: PAD + box.column * (w + gap), y: lift + box.row * (BOX_H + ROW_GAP), w });
  }
  const stage = root.querySelector(".stage");
  const total = PAD * 2 + data.columns * w + (data.columns - 1) * gap;
  const height = lift + data.rows * BOX_H + Math.max(0, data.rows - 1) * ROW_GAP + PAD + 14;
  Object.assign(stage.style, { width: `${total}px`, height: `${height}px` });
  const svg = stage.querySelector("svg");
  setAttribute(svg, "width", total);
  setAttribute(svg, "height", height);
  const drawable = data.arrows.filter((arrow) => places.has(arrow.source) && places.has(arrow.target));
  patch(
    svg.querySelector("g"),
    drawable,
    (arrow) => `${arrow.kind}\n${arrow.source}\n${arrow.target}`,
    () => draw("path"),
    (path, arrow) => {
      setAttribute(path, "class", `arrow ${arrow.kind}${arrow.pending ? " pending" : ""}`);
      setAttribute(path, "marker-end", `url(#tip-${arrow.kind})`);
      setAttribute(path, "d", wayOf(arrow, places.get(arrow.source), places.get(arrow.target)));
    },
  );
  patch(
    stage.querySelector("ol"),
    data.boxes,
    (box) => box.id,
    () => make("li", {}, boxCreate()),
    (item, box) => boxUpdate(root, item.firstElementChild, box, places.get(box.id), data),
  );
}

function isBelow(data, arrow) {
  const [source, target] = [arrow.source, arrow.target].map((id) => data.boxes.find((box) => box.id === id));
  return source && target && source.column === target.column && source.row > target.row;
}

function build(root) {
  const svg = draw("svg", { "aria-hidden": "true" });
  markers(svg);
  svg.append(draw("g"));
  root.append(make("div", { class: "scroll", tabindex: "-1" }, make("div", { class: "stage" }, svg, make("ol"))));
  root.addEventListener("keydown", (event) => walk(root, event));
  showTips(root);
}

/** The step that holds the order up, or else the chosen one, comes into sight. */
function intoSight(root) {
  const scroll = root.querySelector(".scroll");
  const box = root.querySelector("[aria-current]") || root.querySelector("[data-late]");
  if (box) scroll.scrollLeft = Math.max(0, box.offsetLeft + box.offsetWidth + 24 - scroll.clientWidth);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  const first = !root.firstElementChild;
  if (first) build(root);
  setAttribute(root.querySelector("ol"), "aria-label", data.label);
  root.data = data;
  render(root, data);
  observed.get(root)?.disconnect();
  const observer = new ResizeObserver(() => render(root, data));
  observer.observe(root);
  observed.set(root, observer);
  if (first) intoSight(root);
  document.fonts.ready.then(() => root.isConnected && render(root, root.data));
  return () => observed.get(root)?.disconnect();
}
