// The layered flow in SVG: nodes and edges are links, labels are text, arrows show the direction.

function pathOf(p) {
  let d = `M${p[0]} ${p[1]}`;
  for (let i = 2; i + 5 < p.length; i += 6) d += `C${p.slice(i, i + 6).join(" ")}`;
  return d;
}

function markers() {
  const defs = draw("defs");
  for (const look of ["rpc", "messaging", "database", "failing", "silent"]) {
    const marker = draw("marker", { id: `head-${look}`, viewBox: "0 0 10 10", refX: 6, refY: 5, markerWidth: 10, markerHeight: 10, markerUnits: "userSpaceOnUse", orient: "auto" });
    marker.append(draw("path", { d: "M0 1L10 5L0 9Z", class: `head ${look}` }));
    defs.append(marker);
  }
  return defs;
}

function nodeShape(kind, r) {
  if (kind === "topic") return draw("path", { class: "shape", d: `M0 ${-r * 1.15}L${r * 1.15} 0L0 ${r * 1.15}L${-r * 1.15} 0Z` });
  if (kind === "database") {
    const [w, e] = [r * 0.9, r * 0.38];
    return draw("path", { class: "shape", d: `M${-w} ${-r * 0.7}a${w} ${e} 0 0 1 ${2 * w} 0v${r * 1.4}a${w} ${e} 0 0 1 ${-2 * w} 0zM${-w} ${-r * 0.7}a${w} ${e} 0 0 0 ${2 * w} 0` });
  }
  if (kind === "external") return draw("rect", { class: "shape", x: -r, y: -r, width: 2 * r, height: 2 * r, rx: 3 });
  return draw("circle", { class: "shape", r });
}

const FLOW_NODE = 11;

function flowNode(node) {
  const text = draw("text", { y: node.kind === "topic" ? -(FLOW_NODE + 9) : FLOW_NODE + 17, "text-anchor": "middle" });
  return draw("a", {}, draw("circle", { class: "hit", r: FLOW_NODE + 7 }), nodeShape(node.kind, FLOW_NODE), text);
}

function flowBadge() {
  return draw("g", { class: "badge" }, draw("rect", { height: 22, y: -11, rx: 11 }), draw("text", { "text-anchor": "middle", dy: "0.35em" }));
}

/** A painter: `show` draws a model, `mark` what is hovered, `move` follows the view. */
function flowPainter(stage) {
  const world = draw("g", { class: "world" });
  const layers = ["captions", "halos", "edges", "nodes", "badges"].map((name) => draw("g", { class: name }));
  const [captions, halos, lines, dots, badges] = layers;
  world.append(...layers);
  const svg = draw("svg", { class: "map", role: "group" }, markers(), world);
  stage.append(svg);
  let model = null;

  function show(given) {
    model = given;
    const { data } = model;
    setAttribute(svg, "viewBox", data.box.join(" "));
    setAttribute(svg, "aria-label", data.label);
    const chosen = data.around ? null : belonging(chosenOf(model), model);
    const chosenEdges = new Set(chosen?.edges);
    svg.classList.toggle("chosen", Boolean(chosen));
    svg.classList.toggle("replaying", Boolean(model.clock));
    patch(captions, data.captions, (c) => c.text + c.x + c.y, () => draw("text"), (text, c) => {
      setText(text, c.text);
      setAttribute(text, "x", c.x);
      setAttribute(text, "y", c.y);
    });
    const held = model.edges.filter((edge) => edge.stuck && !model.clock);
    patch(halos, held, (edge) => edge.id + edge.kind, () => draw("path", { class: "halo" }), (halo, edge) => setAttribute(halo, "d", pathOf(edge.points)));
    patch(lines, model.edges, (edge) => edge.id + edge.kind, () => draw("a", { class: "edge" }, draw("path", { class: "hit" }), draw("path", {})), (anchor, edge) => {
      const look = edge.silent ? "silent" : edge.failing ? "failing" : edge.kind;
      anchor.about = { edge };
      setAttribute(anchor, "class", `edge${chosenEdges.has(edge) ? " selected" : ""}${anchor.classList.contains("near") ? " near" : ""}`);
      setAttribute(anchor, "href", ownAddress(edgeAddress(model, edge)));
      setAttribute(anchor, "aria-label", edgeTitle(edge));
      setAttribute(anchor, "tabindex", "-1");
      const [hit, line] = anchor.children;
      const d = pathOf(edge.points);
      setAttribute(hit, "d", d);
      setAttribute(line, "d", d);
      setAttribute(line, "class", `line ${look}`);
      setAttribute(line, "stroke-width", edge.silent ? 1.4 : [1.4, 2.2, 3.4][edge.width] + (edge.failing ? 0.8 : 0));
      setAttribute(line, "marker-end", `url(#head-${look})`);
    });
    const found = foundIn(model);
    patch(dots, model.nodes, (node) => node.id + node.kind, flowNode, (anchor, node) => {
      anchor.about = { node };
      const idle = data.filtered && !node.out.length && !node.into.length;
      const states = { stuck: node.stuck, beside: chosen?.nodes.has(node), selected: data.selected === node.id, near: anchor.classList.contains("near"), idle, found: found.has(node) };
      setAttribute(anchor, "class", ["node", node.kind, ...Object.keys(states).filter((name) => states[name])].join(" "));
      setAttribute(anchor, "href", ownAddress(nodeAddress(model, node)));
      setAttribute(anchor, "aria-label", nodeTitle(node));
      setAttribute(anchor, "transform", `translate(${node.x} ${node.y})`);
      setText(anchor.querySelector("text"), node.label);
    });
    patch(badges, held, (edge) => edge.id + edge.kind, flowBadge, (badge, edge) => {
      const [box, text] = badge.children;
      const words = `◆ ${numberText(edge.stuck)}`;
      const wide = 18 + words.length * 7;
      badge.about = { edge };
      setAttribute(badge, "transform", `translate(${edge.badge[0]} ${edge.badge[1]})`);
      setAttribute(box, "x", -wide / 2);
      setAttribute(box, "width", wide);
      setText(text, words);
    });
  }

  function mark(target) {
    const near = belonging(target, model);
    svg.classList.toggle("hovering", Boolean(near));
    const edges = new Set(near?.edges);
    for (const anchor of dots.children) anchor.classList.toggle("near", Boolean(near?.nodes.has(anchor.about.node)));
    for (const part of [...lines.children, ...badges.children]) part.classList.toggle("near", edges.has(part.about.edge));
  }

  /** Pixels of the screen as units of the picture, about its middle. */
  function units(width, height) {
    const box = svg.viewBox.baseVal;
    const scale = Math.max(box.width / width, box.height / height);
    return { scale, left: box.x + box.width / 2 - (width / 2) * scale, top: box.y + box.height / 2 - (height / 2) * scale };
  }

  return {
    show,
    mark,
    height: (width) => Math.round(Math.max(200, Math.min(900, Math.min(1, width / model.data.box[2]) * model.data.box[3]))),
    // names of what is selected or pointed at stay readable however small the rest is
    draw: () => {
      const { scale } = units(stage.clientWidth || 1, stage.clientHeight || 1);
      svg.style.setProperty("--letters", `${Math.max(13, 11.5 * scale).toFixed(1)}px`);
    },
    move: (view) => setAttribute(world, "transform", `translate(${view.x} ${view.y}) scale(${view.k})`),
    at: (_x, _y, element) => element?.closest?.(".node, .edge")?.about ?? null,
    units,
    focus: (node) => [...dots.children].find((anchor) => anchor.about.node.id === node.id)?.focus({ preventScroll: true }),
    step: flowStep,
    picture: () => svg,
    remove: () => svg.remove(),
  };
}

/** Right: what it calls; left: what calls it; up and down: the nearest in sight there. */
function flowStep(model, node, key) {
  if (key === "ArrowRight" || key === "ArrowLeft") {
    const right = key === "ArrowRight";
    const edges = right ? node.out : node.into;
    const next = edges.map((e) => (right ? e.target : e.source)).filter((other) => other !== node);
    return next.sort((a, b) => Math.abs(a.y - node.y) - Math.abs(b.y - node.y))[0] ?? null;
  }
  const down = key === "ArrowDown" ? 1 : -1;
  const there = model.nodes.filter((other) => (other.y - node.y) * down > 4);
  const far = (other) => Math.hypot((other.x - node.x) * 2, other.y - node.y);
  return there.sort((a, b) => far(a) - far(b))[0] ?? null;
}
