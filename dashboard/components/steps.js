// The step graph of an order: boxes are links (they select a step), arrows are SVG below them.
// Data: {boxes, arrows, columns, rows, selected, links: {step: href}, label}.

const BOX_H = 74;
const ROW_GAP = 22;
const PAD = 6;
const observed = new WeakMap();

function measure(root, data) {
  const width = root.clientWidth || 1000;
  const columns = Math.max(1, data.columns);
  const gap = columns > 5 ? 24 : 40;
  const free = (width - 2 * PAD - gap * (columns - 1)) / columns;
  return { gap, box: Math.max(132, Math.min(196, Math.floor(free))) };
}

function boxCreate() {
  const anchor = make("a", { class: "step" });
  for (const part of ["service", "title", "state"]) anchor.append(make("span", { class: part }));
  anchor.lastElementChild.append(make("b"), make("span"));
  return anchor;
}

function boxUpdate(anchor, box, place, data) {
  setAttribute(anchor, "href", ownAddress(data.links[box.id]));
  setAttribute(anchor, "data-look", box.look);
  setAttribute(anchor, "data-late", box.late ? "true" : null);
  setAttribute(anchor, "data-pending", box.pending ? "true" : null);
  setAttribute(anchor, "aria-current", data.selected === box.id ? "step" : null);
  setAttribute(anchor, "aria-label", `${box.service} ${box.title}, ${box.word}${box.note ? `, ${box.note}` : ""}`);
  setAttribute(anchor, "title", box.tooltip);
  const [service, title, state] = anchor.children;
  setText(service, box.service);
  setText(title, box.title);
  setText(state.firstElementChild, `${box.icon} ${box.word}`);
  setText(state.lastElementChild, box.note ? ` · ${box.note}` : "");
  Object.assign(anchor.style, { left: `${place.x}px`, top: `${place.y}px`, width: `${place.w}px`, height: `${BOX_H}px` });
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

function markers(root) {
  const defs = draw("defs");
  for (const kind of ["rpc", "messaging", "within"]) {
    defs.append(
      draw(
        "marker",
        { id: `tip-${kind}`, viewBox: "0 0 10 10", refX: 4, refY: 5, markerWidth: 11, markerHeight: 11, markerUnits: "userSpaceOnUse", orient: "auto" },
        draw("path", { d: "M0 0L10 5L0 10Z", class: `tip ${kind}` }),
      ),
    );
  }
  root.append(defs);
}

function render(root, data) {
  const { gap, box: w } = measure(root, data);
  const places = new Map();
  const inColumn = new Map();
  for (const box of data.boxes) inColumn.set(box.column, (inColumn.get(box.column) || 0) + 1);
  const height = data.rows * BOX_H + (data.rows - 1) * ROW_GAP;
  for (const box of data.boxes) {
    const count = inColumn.get(box.column);
    const top = (height - (count * BOX_H + (count - 1) * ROW_GAP)) / 2;
    places.set(box.id, { x: PAD + box.column * (w + gap), y: PAD + top + box.row * (BOX_H + ROW_GAP), w });
  }
  const stage = root.querySelector(".stage");
  const total = PAD * 2 + data.columns * w + (data.columns - 1) * gap;
  Object.assign(stage.style, { width: `${total}px`, height: `${height + PAD * 2 + 14}px` });
  const svg = stage.querySelector("svg");
  setAttribute(svg, "width", total);
  setAttribute(svg, "height", height + PAD * 2 + 14);
  const drawable = data.arrows.filter((arrow) => places.has(arrow.source) && places.has(arrow.target));
  patch(
    svg.querySelector("g"),
    drawable,
    (arrow) => `${arrow.source}\n${arrow.target}`,
    () => draw("path"),
    (path, arrow) => {
      setAttribute(path, "class", `arrow ${arrow.kind}${arrow.pending ? " pending" : ""}`);
      setAttribute(path, "marker-end", `url(#tip-${arrow.kind})`);
      setAttribute(path, "d", arrowPath(places.get(arrow.source), places.get(arrow.target)));
    },
  );
  patch(
    stage.querySelector("ol"),
    data.boxes,
    (box) => box.id,
    () => make("li", {}, boxCreate()),
    (item, box) => boxUpdate(item.firstElementChild, box, places.get(box.id), data),
  );
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  const first = !root.firstElementChild;
  if (first) {
    const svg = draw("svg", { "aria-hidden": "true" });
    markers(svg);
    svg.append(draw("g"));
    root.append(make("div", { class: "scroll", tabindex: "-1" }, make("div", { class: "stage" }, svg, make("ol"))));
  }
  setAttribute(root.querySelector("ol"), "aria-label", data.label);
  render(root, data);
  observed.get(root)?.disconnect();
  const observer = new ResizeObserver(() => render(root, data));
  observer.observe(root);
  observed.set(root, observer);
  if (first) {
    const late = root.querySelector("[data-late]");
    const scroll = root.querySelector(".scroll");
    if (late) scroll.scrollLeft = Math.max(0, late.offsetLeft + late.offsetWidth + 24 - scroll.clientWidth);
  }
  return () => observed.get(root)?.disconnect();
}
