// The service map in SVG: nodes and edges are links (they select), hovering shows neighbours.
// Data: DrawnMap of figures/servicemap.py, and {selected, chosenEdge, label}.

const ZOOM = [0.3, 6];
const views = new WeakMap();

function pathOf(edge) {
  const p = edge.points;
  let d = `M${p[0]} ${p[1]}`;
  if (edge.smooth) for (let i = 2; i + 5 < p.length; i += 6) d += `C${p.slice(i, i + 6).join(" ")}`;
  else for (let i = 2; i + 1 < p.length; i += 2) d += `L${p[i]} ${p[i + 1]}`;
  return d;
}

function lookOf(edge) {
  const kind = ["rpc", "messaging", "database"].includes(edge.kind) ? edge.kind : "rpc";
  return `${kind}${edge.failing ? " failing" : ""}`;
}

function tips(svg) {
  const defs = draw("defs");
  for (const look of ["rpc", "messaging", "database", "failing"]) {
    const marker = draw("marker", { id: `head-${look}`, viewBox: "0 0 10 10", refX: 6, refY: 5, markerWidth: 10, markerHeight: 10, markerUnits: "userSpaceOnUse", orient: "auto" });
    marker.append(draw("path", { d: "M0 1L10 5L0 9Z", class: `head ${look}` }));
    defs.append(marker);
  }
  svg.append(defs);
}

function shapeOf(node, r) {
  if (node.kind === "topic") return draw("path", { class: "shape", d: `M0 ${-r * 1.15}L${r * 1.15} 0L0 ${r * 1.15}L${-r * 1.15} 0Z` });
  if (node.kind === "database") {
    const w = r * 0.95;
    const e = r * 0.42;
    return draw("path", { class: "shape", d: `M${-w} ${-r * 0.7}a${w} ${e} 0 0 1 ${2 * w} 0v${r * 1.4}a${w} ${e} 0 0 1 ${-2 * w} 0zM${-w} ${-r * 0.7}a${w} ${e} 0 0 0 ${2 * w} 0` });
  }
  if (node.kind === "external") return draw("rect", { class: "shape", x: -r, y: -r, width: 2 * r, height: 2 * r, rx: 3 });
  return draw("circle", { class: "shape", r });
}

function nodeElement(node, data) {
  const anchor = draw("a", { class: `node ${node.kind}`, "aria-label": node.title });
  const r = data.shape === "ring" && node.kind === "topic" ? data.radius * 0.9 : data.radius;
  anchor.append(draw("circle", { class: "hit", r: Math.max(r + 5, 7) }), shapeOf(node, r));
  const text = draw("text", {}, node.label);
  if (data.shape === "ring") {
    const left = Math.cos(node.angle) < 0;
    const out = r + 6 + (node.kind === "topic" ? 58 : 0);
    setAttribute(text, "transform", `rotate(${(node.angle * 180) / Math.PI + (left ? 180 : 0)})`);
    setAttribute(text, "x", left ? -out : out);
    setAttribute(text, "text-anchor", left ? "end" : "start");
    setAttribute(text, "dominant-baseline", "central");
  } else {
    setAttribute(text, "y", node.kind === "topic" ? -(r + 9) : r + 17);
    setAttribute(text, "text-anchor", "middle");
  }
  anchor.append(text);
  return anchor;
}

function edgeElement() {
  return draw("a", { class: "edge" }, draw("path", { class: "hit" }), draw("path", { class: "line" }));
}

function badgeElement() {
  const badge = draw("g", { class: "badge" }, draw("rect", { height: 20, y: -10, rx: 10 }), draw("text", { "text-anchor": "middle", dy: "0.35em" }));
  return badge;
}

function applyView(root, view) {
  setAttribute(root.querySelector(".world"), "transform", `translate(${view.x} ${view.y}) scale(${view.k})`);
}

function zoom(root, view, factor, px, py) {
  const k = Math.min(ZOOM[1], Math.max(ZOOM[0], view.k * factor));
  view.x = px - ((px - view.x) * k) / view.k;
  view.y = py - ((py - view.y) * k) / view.k;
  view.k = k;
  applyView(root, view);
}

function pointOf(svg, event) {
  const box = svg.getBoundingClientRect();
  const given = svg.viewBox.baseVal;
  const scale = Math.max(given.width / box.width, given.height / box.height);
  return [
    given.x + given.width / 2 + (event.clientX - box.left - box.width / 2) * scale,
    given.y + given.height / 2 + (event.clientY - box.top - box.height / 2) * scale,
    scale,
  ];
}

function highlight(root, view, near, edges, said) {
  const svg = root.querySelector("svg");
  svg.classList.toggle("hovering", Boolean(near));
  for (const anchor of svg.querySelectorAll(".node")) anchor.classList.toggle("near", Boolean(near?.has(anchor.patchKey)));
  for (const anchor of svg.querySelectorAll(".edge")) anchor.classList.toggle("near", Boolean(edges?.has(anchor.patchKey)));
  for (const badge of svg.querySelectorAll(".badge")) badge.classList.toggle("near", Boolean(edges?.has(badge.patchKey)));
  const tip = root.querySelector(".tip");
  tip.hidden = !said;
  setText(tip, said || "");
}

function hover(root, view, target) {
  const node = target?.closest?.(".node");
  const edge = target?.closest?.(".edge");
  const key = node ? `n${node.patchKey}` : edge ? `e${edge.patchKey}` : "";
  if (key === view.hovered) return;
  view.hovered = key;
  if (node) {
    const edges = view.data.edges.filter((e) => e.source === node.patchKey || e.target === node.patchKey);
    const near = new Set([node.patchKey, ...edges.flatMap((e) => [e.source, e.target])]);
    highlight(root, view, near, new Set(edges.map((e) => e.id)), view.data.nodes.find((n) => n.id === node.patchKey)?.title);
  } else if (edge) {
    const found = view.data.edges.find((e) => e.id === edge.patchKey);
    if (found) highlight(root, view, new Set([found.source, found.target]), new Set([found.id]), found.title);
  } else highlight(root, view, null, null, "");
}

function legend() {
  const list = make("ul", { class: "legend", "aria-label": "Legend" });
  const entries = [
    ["rpc", "call"],
    ["messaging", "message through a topic ◆"],
    ["database", "database"],
    ["failing", "failing (1 % errors or more)"],
  ];
  for (const [look, words] of entries) {
    const sample = draw("svg", { width: 28, height: 8, "aria-hidden": "true" }, draw("path", { d: "M0 4H28", class: `line ${look === "failing" ? "rpc failing" : look}`, "stroke-width": 2.2 }));
    list.append(make("li", {}, sample, words));
  }
  list.append(make("li", {}, make("span", { class: "pill", "aria-hidden": "true" }, "◆ 7"), "orders stuck on an edge"));
  return list;
}

function build(root, view) {
  const svg = draw("svg", { class: "map", role: "group" });
  tips(svg);
  svg.append(draw("g", { class: "world" }, draw("g", { class: "arcs" }), draw("g", { class: "edges" }), draw("g", { class: "nodes" }), draw("g", { class: "badges" })));
  const buttons = make("div", { class: "buttons" });
  for (const [words, text, act] of [
    ["Zoom in", "+", (c) => zoom(root, view, 1.4, ...c)],
    ["Zoom out", "−", (c) => zoom(root, view, 1 / 1.4, ...c)],
    ["Show all", "⤢", () => { Object.assign(view, { k: 1, x: 0, y: 0 }); applyView(root, view); }],
  ]) {
    const button = make("button", { type: "button", "aria-label": words, title: words }, text);
    button.addEventListener("click", () => {
      const box = svg.viewBox.baseVal;
      act([box.x + box.width / 2, box.y + box.height / 2]);
    });
    buttons.append(button);
  }
  root.append(make("div", { class: "stage" }, svg, make("div", { class: "tip", hidden: true, "aria-live": "polite" }), buttons), legend());
  svg.addEventListener("pointerover", (event) => hover(root, view, event.target));
  svg.addEventListener("pointerleave", () => hover(root, view, null));
  svg.addEventListener("focusin", (event) => hover(root, view, event.target));
  svg.addEventListener("focusout", () => hover(root, view, null));
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const [x, y] = pointOf(svg, event);
    zoom(root, view, Math.exp(-event.deltaY / 300), x, y);
  }, { passive: false });
  let grip = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0) grip = { id: event.pointerId, at: pointOf(svg, event), x: view.x, y: view.y, moved: false };
  });
  svg.addEventListener("pointermove", (event) => {
    if (!grip || grip.id !== event.pointerId) return;
    const [x, y, scale] = pointOf(svg, event);
    if (!grip.moved && Math.hypot(x - grip.at[0], y - grip.at[1]) < 5 * scale) return;
    if (!grip.moved) svg.setPointerCapture(event.pointerId);
    grip.moved = true;
    view.x = grip.x + x - grip.at[0];
    view.y = grip.y + y - grip.at[1];
    applyView(root, view);
  });
  const drop = (event) => {
    if (grip?.moved) svg.addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
    if (grip?.moved) setTimeout(() => svg.dispatchEvent(new Event("settle")), 0);
    grip = null;
  };
  svg.addEventListener("pointerup", drop);
  svg.addEventListener("pointercancel", drop);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
}

function paintArcs(group, data) {
  patch(group, data.arcs, (arc) => arc.name, () => draw("g", {}, draw("path"), draw("text")), (element, arc) => {
    const radius = 330 * 1.045;
    const at = (angle, r) => `${(r * Math.cos(angle)).toFixed(1)} ${(r * Math.sin(angle)).toFixed(1)}`;
    const large = arc.end - arc.start > Math.PI ? 1 : 0;
    setAttribute(element.children[0], "d", `M${at(arc.start, radius)}A${radius} ${radius} 0 ${large} 1 ${at(arc.end, radius)}`);
    const middle = (arc.start + arc.end) / 2;
    const left = Math.cos(middle) < 0;
    const text = element.children[1];
    setText(text, data.labels ? "" : arc.name);
    setAttribute(text, "transform", `translate(${at(middle, radius + 12)}) rotate(${(middle * 180) / Math.PI + (left ? 180 : 0)})`);
    setAttribute(text, "text-anchor", left ? "end" : "start");
  });
}

function paint(root, view) {
  const { data } = view;
  const svg = root.querySelector("svg.map");
  setAttribute(svg, "viewBox", data.box.join(" "));
  setAttribute(svg, "aria-label", data.label);
  svg.classList.toggle("ring", data.shape === "ring");
  svg.classList.toggle("named", data.labels);
  const width = root.clientWidth || 1000;
  const scale = data.shape === "ring" ? 1 : Math.min(1.25, width / data.box[2]);
  svg.style.height = `${data.shape === "ring" ? 760 : Math.max(220, Math.round(data.box[3] * scale))}px`;
  paintArcs(root.querySelector(".arcs"), data);
  const chosen = new Set(data.selected ? data.edges.filter((e) => e.source === data.selected || e.target === data.selected).map((e) => e.id) : [data.chosenEdge]);
  svg.classList.toggle("chosen", Boolean(data.selected || data.chosenEdge));
  patch(root.querySelector(".edges"), data.edges, (edge) => edge.id, edgeElement, (anchor, edge) => {
    setAttribute(anchor, "class", `edge${chosen.has(edge.id) ? " selected" : ""}${anchor.classList.contains("near") ? " near" : ""}`);
    setAttribute(anchor, "href", ownAddress(edge.href));
    setAttribute(anchor, "aria-label", edge.title);
    if (data.shape === "ring") setAttribute(anchor, "tabindex", "-1");
    const [hit, line] = anchor.children;
    const d = pathOf(edge);
    setAttribute(hit, "d", d);
    setAttribute(line, "d", d);
    setAttribute(line, "class", `line ${lookOf(edge)}`);
    setAttribute(line, "stroke-width", edge.failing ? Math.max(edge.width, 2.4) : edge.width);
    const tip = edge.failing ? "failing" : lookOf(edge);
    setAttribute(line, "marker-end", data.shape === "flow" || chosen.has(edge.id) ? `url(#head-${tip})` : null);
  });
  const nearby = new Set(data.selected ? data.edges.filter((e) => chosen.has(e.id)).flatMap((e) => [e.source, e.target]) : data.edges.filter((e) => e.id === data.chosenEdge).flatMap((e) => [e.source, e.target]));
  if (data.selected) nearby.add(data.selected);
  patch(root.querySelector(".nodes"), data.nodes, (node) => node.id, (node) => nodeElement(node, data), (anchor, node) => {
    const states = [node.stuck ? "stuck" : "", nearby.has(node.id) ? "beside" : "", data.selected === node.id ? "selected" : "", anchor.classList.contains("near") ? "near" : ""];
    setAttribute(anchor, "class", ["node", node.kind, ...states].filter(Boolean).join(" "));
    setAttribute(anchor, "href", ownAddress(node.href));
    setAttribute(anchor, "aria-label", node.title);
    setAttribute(anchor, "transform", `translate(${node.x} ${node.y})`);
  });
  patch(root.querySelector(".badges"), data.edges.filter((edge) => edge.stuck > 0), (edge) => edge.id, badgeElement, (badge, edge) => {
    const [box, text] = badge.children;
    const words = `◆ ${edge.stuck_text}`;
    const wide = 16 + words.length * 7;
    setAttribute(badge, "transform", `translate(${edge.badge[0]} ${edge.badge[1]})`);
    setAttribute(box, "x", -wide / 2);
    setAttribute(box, "width", wide);
    setText(text, words);
  });
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  let view = views.get(root);
  if (!view || view.data.shape !== data.shape || view.data.labels !== data.labels) {
    root.replaceChildren();
    view = { k: 1, x: 0, y: 0, data, hovered: "" };
    views.set(root, view);
    build(root, view);
  }
  view.data = data;
  paint(root, view);
  view.observer?.disconnect();
  view.observer = new ResizeObserver(() => paint(root, view));
  view.observer.observe(root);
  return () => view.observer?.disconnect();
}
