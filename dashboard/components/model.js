// The learned flow: boxes are links (they select a step), edges are SVG below them with their shares.
// Data: {boxes, edges, columns, rows, links: {step: href}, selected, label}.

const BOX_H = 66;
const ROW_H = 96;
const watched = new WeakMap();

function measures(root, data) {
  const width = (root.clientWidth || 1000) - 36;
  const columns = Math.max(1, data.columns);
  const gap = columns > 6 ? 76 : 84;
  const free = Math.floor((width - gap * (columns - 1)) / columns);
  return { gap, box: Math.max(124, Math.min(200, free)) };
}

function path(edge, left, box, middle) {
  const [first, ...rest] = edge.way;
  const last = rest[rest.length - 1];
  if (last[0] <= first[0]) return around(edge, left, box, middle);
  let x = left(first[0]) + box + 1;
  let y = middle(first[1]);
  let d = `M${x} ${y}`;
  let label = null;
  rest.forEach((point, at) => {
    const end = at === rest.length - 1;
    const nx = left(point[0]) - (end ? 8 : 0);
    const ny = middle(point[1]);
    const half = (nx - x) / 2;
    d += `C${x + half} ${y} ${nx - half} ${ny} ${nx} ${ny}`;
    if (end) label = [x + (nx - x) * 0.5, (y + ny) / 2];
    if (!end) d += `L${nx + box} ${ny}`;
    x = nx + box;
    y = ny;
  });
  return { d, label };
}

/** Against the flow: over the tops of the boxes. */
function around(edge, left, box, middle) {
  const [from, to] = [edge.way[0], edge.way[edge.way.length - 1]];
  const x0 = left(from[0]) + box / 2;
  const x1 = left(to[0]) + box / 2 + (from[0] === to[0] ? 18 : 0);
  const y0 = middle(from[1]) - BOX_H / 2 - 1;
  const y1 = middle(to[1]) - BOX_H / 2 - 8;
  if (from[0] === to[0]) {
    const down = to[1] > from[1];
    const start = middle(from[1]) + (down ? 1 : -1) * (BOX_H / 2 + 1);
    const end = middle(to[1]) - (down ? 1 : -1) * (BOX_H / 2 + 8);
    return { d: `M${x0} ${start}L${x0} ${end}`, label: null };
  }
  const high = Math.min(y0, y1) - 22;
  return { d: `M${x0} ${y0}C${x0} ${high} ${x1} ${high} ${x1} ${y1}`, label: null };
}

function tips(svg) {
  const defs = draw("defs");
  for (const kind of ["within", "rpc", "messaging", "undo"]) {
    const arrow = draw("path", { d: "M0 0L10 5L0 10Z", class: `tip ${kind}` });
    defs.append(draw("marker", { id: `tip-${kind}`, viewBox: "0 0 10 10", refX: 4, refY: 5, markerWidth: 11, markerHeight: 11, markerUnits: "userSpaceOnUse", orient: "auto" }, arrow));
  }
  svg.append(defs);
}

function createBox() {
  return make("li", {}, make("a", { class: "step" }, make("span", { class: "service" }), make("span", { class: "title" }), make("span", { class: "note" })));
}

function updateBox(item, box, data, place) {
  const anchor = item.firstElementChild;
  setAttribute(anchor, "href", ownAddress(data.links[box.id]));
  setAttribute(anchor, "data-look", box.look);
  setAttribute(anchor, "data-dashed", box.dashed ? "true" : null);
  setAttribute(anchor, "data-quiet", box.quiet ? "true" : null);
  setAttribute(anchor, "aria-current", data.selected === box.id ? "step" : null);
  setAttribute(anchor, "aria-label", [box.id, box.note].filter(Boolean).join(", "));
  setAttribute(anchor, "title", box.tooltip);
  const [service, title, note] = anchor.children;
  setText(service, box.service);
  setText(title, box.title);
  setText(note, box.note);
  Object.assign(anchor.style, place);
}

function render(root, data) {
  const { gap, box } = measures(root, data);
  const left = (column) => column * (box + gap);
  const middle = (row) => 20 + row * ROW_H + BOX_H / 2;
  const stage = root.querySelector(".stage");
  const width = left(data.columns - 1) + box + 8;
  const height = middle(data.rows - 1) + BOX_H / 2 + 14;
  Object.assign(stage.style, { width: `${width}px`, height: `${height}px` });
  const svg = stage.querySelector("svg");
  setAttribute(svg, "width", width);
  setAttribute(svg, "height", height);
  patch(
    svg.querySelector("g"),
    data.edges,
    (edge) => edge.id,
    () => draw("g", {}, draw("path"), draw("text", { class: "text" }), draw("title")),
    (group, edge) => {
      const [line, text, title] = group.children;
      const { d, label } = path(edge, left, box, middle);
      setAttribute(line, "class", `edge ${edge.kind}${edge.dashed ? " dashed" : ""} ${edge.mark}`);
      setAttribute(line, "marker-end", `url(#tip-${edge.kind})`);
      setAttribute(line, "d", d);
      setText(text, label ? edge.text : "");
      if (label) {
        setAttribute(text, "x", label[0].toFixed(1));
        setAttribute(text, "y", (label[1] - 6).toFixed(1));
      }
      setText(title, edge.tooltip);
    },
  );
  patch(stage.querySelector("ol"), data.boxes, (one) => one.id, createBox, (item, one) =>
    updateBox(item, one, data, { left: `${left(one.column)}px`, top: `${middle(one.row) - BOX_H / 2}px`, width: `${box}px`, height: `${BOX_H}px` }),
  );
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  const first = !root.firstElementChild;
  if (first) {
    const svg = draw("svg", { "aria-hidden": "true" });
    tips(svg);
    svg.append(draw("g"));
    const legend = make("p", { class: "legend" });
    for (const [kind, words] of [["rpc", "call"], ["messaging", "message"], ["detour", "optional way"], ["undo", "undoes"], ["drift", "the flow changed here"]]) legend.append(make("span", { class: kind }, words));
    root.append(make("div", { class: "scroll", tabindex: "-1" }, make("div", { class: "stage" }, svg, make("ol"))), legend);
  }
  setAttribute(root.querySelector("ol"), "aria-label", data.label);
  render(root, data);
  watched.get(root)?.disconnect();
  const observer = new ResizeObserver(() => render(root, data));
  observer.observe(root);
  watched.set(root, observer);
  const marked = root.querySelector("[aria-current]") || (first && root.querySelector("[data-look=stuck]"));
  if (marked && root.shown !== data.selected) {
    const scroll = root.querySelector(".scroll");
    scroll.scrollLeft = Math.max(0, marked.offsetLeft - scroll.clientWidth / 2 + marked.offsetWidth / 2);
  }
  root.shown = data.selected;
  return () => watched.get(root)?.disconnect();
}
