// Draws a ring on a canvas: arcs, bundled edges, nodes, labels. A frame says where and how large.

const onScreen = (frame, node, radius = 1) => [frame.x + node.x * frame.radius * radius, frame.y + node.y * frame.radius * radius];

function drawRing(ctx, frame) {
  ctx.clearRect(0, 0, frame.width, frame.height);
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  drawArcs(ctx, frame);
  drawEdges(ctx, frame);
  drawNodes(ctx, frame);
  drawLabels(ctx, frame);
}

function drawArcs(ctx, frame) {
  const { colours } = frame;
  ctx.strokeStyle = colours.dark ? faint(colours.muted, 0.22) : faint(colours.muted, 0.3);
  ctx.lineWidth = Math.max(3, Math.min(7, frame.radius * 0.014));
  ctx.lineCap = "butt";
  for (const arc of frame.model.arcs) {
    ctx.beginPath();
    ctx.arc(frame.x, frame.y, frame.radius * 1 + 13, arc.start - Math.PI / 2, Math.max(arc.end, arc.start + 0.004) - Math.PI / 2);
    ctx.stroke();
  }
  ctx.lineCap = "round";
}

const SMOOTH_FROM = 500;

/** An edge's line; where it is large, its corners are rounded. */
function trace(ctx, frame, edge) {
  const { points } = frame.model;
  const { x, y, radius } = frame;
  let p = edge.i * POINTS * 2;
  const last = p + (POINTS - 1) * 2;
  ctx.beginPath();
  ctx.moveTo(x + points[p] * radius, y + points[p + 1] * radius);
  if (radius < SMOOTH_FROM) {
    for (p += 2; p <= last; p += 2) ctx.lineTo(x + points[p] * radius, y + points[p + 1] * radius);
    return;
  }
  for (p += 2; p < last; p += 2) {
    const [bx, by] = [x + points[p] * radius, y + points[p + 1] * radius];
    ctx.quadraticCurveTo(bx, by, (bx + x + points[p + 2] * radius) / 2, (by + y + points[p + 3] * radius) / 2);
  }
  ctx.lineTo(x + points[last] * radius, y + points[last + 1] * radius);
}

function edgeAlpha({ model, colours }) {
  const alpha = Math.min(0.8, Math.max(0.05, 8 / Math.sqrt(Math.max(model.edges.length, 1))));
  return colours.dark ? alpha : Math.min(1, alpha * (1.4 + Math.min(0.8, model.edges.length / 15_000)));
}

/** Edges within a domain by its arc's length: where they crowd, each is drawn fainter. */
function thinning(model) {
  const inside = new Map();
  for (const { source, target } of model.edges) if (source.domain === target.domain) inside.set(source.domain, (inside.get(source.domain) ?? 0) + 1);
  return new Map(model.arcs.map((arc) => [arc.domain, (inside.get(arc.domain) ?? 0) / Math.max(arc.end - arc.start, 0.01)]));
}

function thinned(frame, { source, target }) {
  if (source.kind === "domain" && target.kind === "domain") return frame.model.edges.length > 600 ? 0.6 : 1;
  if (source.domain !== target.domain) return 1;
  const crowd = frame.model.thin.get(source.domain) / frame.radius;
  return crowd > 1.2 ? (1.2 / crowd) ** 0.7 : 1;
}

function inSight(frame, edge) {
  const { points } = frame.model;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let p = edge.i * POINTS * 2, last = p + POINTS * 2; p < last; p += 2) {
    left = Math.min(left, points[p]);
    right = Math.max(right, points[p]);
    top = Math.min(top, points[p + 1]);
    bottom = Math.max(bottom, points[p + 1]);
  }
  return frame.x + right * frame.radius > 0 && frame.x + left * frame.radius < frame.width && frame.y + bottom * frame.radius > 0 && frame.y + top * frame.radius < frame.height;
}

function drawEdges(ctx, frame) {
  const { model, colours } = frame;
  const alpha = edgeAlpha(frame);
  const thick = Math.min(1.6, Math.max(0.85, frame.radius / 300));
  const crowded = model.edges.length / Math.max(model.nodes.length, 1) > 8 || model.closed > 0;
  const shown = model.edges.filter((edge) => inSight(frame, edge));
  ctx.save();
  ctx.strokeStyle = colours.muted;
  ctx.setLineDash([2, 4]);
  ctx.lineWidth = 1;
  for (const edge of shown) {
    if (!edge.silent || edge.stuck) continue;
    ctx.globalAlpha = model.clock ? alpha * 0.35 : Math.min(0.55, alpha * 1.6);
    trace(ctx, frame, edge);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.globalCompositeOperation = colours.dark ? (crowded ? "screen" : "lighter") : "multiply";
  for (const kind of ["database", "rpc", "messaging"]) {
    ctx.strokeStyle = colours[kind];
    for (const edge of shown) {
      if (edge.kind !== kind || edge.failing || edge.silent) continue;
      ctx.globalAlpha = alpha * (0.55 + 0.225 * edge.width) * thinned(frame, edge);
      ctx.lineWidth = EDGE_WIDTHS[edge.width] * thick;
      trace(ctx, frame, edge);
      ctx.stroke();
    }
  }
  ctx.globalCompositeOperation = "source-over";
  for (const edge of shown) if (edge.failing) drawFailing(ctx, frame, edge, thick);
  for (const edge of shown) if (edge.stuck && !model.clock) drawHeld(ctx, frame, edge);
  ctx.restore();
}

function drawFailing(ctx, frame, edge, thick) {
  ctx.globalAlpha = 0.9;
  ctx.strokeStyle = frame.colours.failing;
  ctx.lineWidth = (1.3 + 0.3 * edge.width) * thick;
  ctx.setLineDash([7, 4]);
  ctx.lineCap = "butt";
  trace(ctx, frame, edge);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.lineCap = "round";
}

/** An edge that orders are stuck on: its own colour in a halo. */
function drawHeld(ctx, frame, edge) {
  ctx.globalAlpha = 0.28;
  ctx.strokeStyle = frame.colours.stuck;
  ctx.lineWidth = 9;
  trace(ctx, frame, edge);
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.strokeStyle = frame.colours[edge.kind];
  ctx.lineWidth = 2;
  trace(ctx, frame, edge);
  ctx.stroke();
}

function nodeRadius(frame, node) {
  const degree = node.out.length + node.into.length;
  if (node.kind === "domain") return Math.min(4 + Math.min(6, Math.sqrt(node.count) * 0.9), Math.max(2, frame.model.closed * frame.radius * 0.42));
  const big = degree >= frame.model.hub ? 1.7 : 1;
  if (node.kind === "topic") {
    const room = (frame.radius * 5) / Math.max(frame.model.topics, 1);
    return Math.max(1.1, Math.min(frame.radius * 0.014, 4.6, room * 0.5)) * (big > 1 && room > 6 ? 1.5 : 1);
  }
  const most = Math.max(1.1, frame.slot * 0.52);
  return Math.min(most, Math.max(1, Math.min(frame.slot * 0.36, 4)) * big);
}

function hubDegree(model) {
  const degrees = model.nodes.map((n) => n.out.length + n.into.length).sort((a, b) => a - b);
  return Math.max(degrees[Math.floor(degrees.length * 0.9)] ?? 0, 4);
}

function drawNode(ctx, frame, node, grow = 0) {
  const [x, y] = onScreen(frame, node);
  const r = nodeRadius(frame, node) + grow;
  ctx.beginPath();
  if (node.kind === "topic") {
    ctx.moveTo(x, y - r * 1.2);
    ctx.lineTo(x + r * 1.2, y);
    ctx.lineTo(x, y + r * 1.2);
    ctx.lineTo(x - r * 1.2, y);
  } else if (node.kind === "database" || node.kind === "external") ctx.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  else ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.closePath();
  ctx.fillStyle = node.kind === "topic" ? frame.colours.messaging : node.kind === "database" ? frame.colours.database : frame.colours.node;
  ctx.fill();
  if (node.stuck && !frame.model.clock) {
    ctx.strokeStyle = frame.colours.stuck;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.arc(x, y, r + 3.5, 0, 2 * Math.PI);
    ctx.stroke();
  }
}

function drawNodes(ctx, frame) {
  const { model } = frame;
  for (const node of model.nodes) {
    ctx.globalAlpha = model.data.filtered && !node.out.length && !node.into.length ? 0.3 : 1;
    drawNode(ctx, frame, node);
  }
  ctx.globalAlpha = 1;
}

/** Text along a radius, or across it; never upside down. */
function ringText(ctx, frame, text, angle, distance, across = false) {
  const [x, y] = [frame.x + distance * Math.sin(angle), frame.y - distance * Math.cos(angle)];
  const left = Math.sin(angle) < 0;
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(across ? angle + (Math.cos(angle) < -0.001 ? Math.PI : 0) : angle - Math.PI / 2 + (left ? Math.PI : 0));
  ctx.textAlign = across ? "center" : left ? "right" : "left";
  ctx.textBaseline = "middle";
  ctx.fillText(text, 0, 0);
  ctx.restore();
}

const clipped = (text, most) => (text.length > most ? `${text.slice(0, Math.ceil(most / 2))}…${text.slice(-Math.floor(most / 2) + 1)}` : text);

/** Which names of nodes there is room for, those with most edges first, and at which angle each. */
function placedLabels(frame, size) {
  const { model } = frame;
  const closed = (n) => n.kind === "domain";
  const degree = (n) => (closed(n) ? Infinity : n.out.length + n.into.length);
  const ranked = model.nodes.filter((n) => n.radius === 1 && (closed(n) || frame.slot >= LABEL_SLOT)).sort((a, b) => degree(b) - degree(a) || a.i - b.i);
  const apart = (size * 0.95) / (frame.radius + LABEL_AT);
  for (let most = Math.floor((2 * Math.PI) / apart); ; most = Math.floor(most * 0.96)) {
    const shown = ranked.slice(0, Math.max(most, 1)).sort((a, b) => a.angle - b.angle);
    const angles = spread(shown.map((n) => n.angle), apart);
    if (shown.length > 1 && angles.at(-1) - angles[0] > 2 * Math.PI - apart) continue;
    return shown.map((node, i) => ({ node, angle: angles[i], apart, closed: closed(node), strong: degree(node) >= model.hub }));
  }
}

/** Names of nodes, as many as there is room for; a line leads to one that had to make way. */
function drawLabels(ctx, frame) {
  const { model, colours } = frame;
  const size = Math.max(11, Math.min(12, frame.slot * 1.2));
  model.labels = placedLabels(frame, size);
  let longest = 0;
  for (const { node, angle, closed, strong } of model.labels) {
    const text = closed ? `${clipped(node.name, 24)}  ${numberText(node.count)}` : clipped(node.label, LONGEST_LABEL);
    ctx.font = `${strong ? 500 : 400} ${closed ? 12 : size}px ${colours.font}`;
    ctx.fillStyle = strong ? colours.text : colours.muted;
    ringText(ctx, frame, text, angle, frame.radius + LABEL_AT);
    if (!closed) longest = Math.max(longest, ctx.measureText(text).width);
    if (Math.abs(angle - node.angle) * frame.radius > 2) drawLeader(ctx, frame, node.angle, angle);
  }
  model.longest = longest;
  drawDomainLabels(ctx, frame, longest);
}

/** From the arc, where a node is, to its name. */
function drawLeader(ctx, frame, from, to) {
  const at = (angle, beyond) => [frame.x + (frame.radius + beyond) * Math.sin(angle), frame.y - (frame.radius + beyond) * Math.cos(angle)];
  ctx.strokeStyle = faint(frame.colours.muted, 0.5);
  ctx.lineWidth = 0.7;
  ctx.beginPath();
  ctx.moveTo(...at(from, 17));
  ctx.lineTo(...at(to, LABEL_AT - 3));
  ctx.stroke();
}

/** Names of domains: along their radius, or across it outside of the nodes' names. */
function drawDomainLabels(ctx, frame, longest) {
  const { model, colours } = frame;
  const open = model.arcs.filter((arc) => !arc.closed);
  const size = open.length > 60 ? 11 : 13;
  ctx.font = `600 ${size}px ${colours.font}`;
  ctx.fillStyle = longest ? colours.text : colours.muted;
  const named = longest > 0;
  const middles = open.map((arc) => (arc.start + arc.end) / 2);
  const distance = named ? frame.radius + longest + LABEL_AT + 22 : frame.radius + 26;
  const angles = named ? middles : spread(middles, (size + 3) / distance);
  open.forEach((arc, i) => {
    const name = clipped(model.domains[arc.domain], 24);
    if (open.length <= 160 || (arc.end - arc.start) * frame.radius > 8) ringText(ctx, frame, name, angles[i], distance, named);
  });
}
