// What is hovered or selected on a ring: its edges with their direction, its neighbours' names, and
// the counts of stuck orders.

function drawBelonging(ctx, frame, seen) {
  const near = belonging(seen, frame.model);
  const busiest = [...near.edges].sort((a, b) => b.stuck - a.stuck || b.calls - a.calls);
  const many = busiest.length > 400;
  ctx.lineCap = "round";
  for (const edge of busiest) drawDirected(ctx, frame, edge, many);
  const centre = seen.node ?? null;
  for (const node of near.nodes) drawNode(ctx, frame, node, node === centre ? 2 : 0.6);
  if (seen.domain !== undefined) drawDomainNames(ctx, frame, near, seen.domain);
  else drawNames(ctx, frame, ranked(near, busiest, centre), centre);
}

/** The nodes to name: the centre first, then those of the busiest edges. */
function ranked(near, busiest, centre) {
  const nodes = new Set(centre ? [centre] : []);
  for (const edge of busiest) nodes.add(edge.source).add(edge.target);
  for (const node of near.nodes) nodes.add(node);
  return [...nodes];
}

/** An edge that fades in from its source to its target, with one arrowhead. */
function drawDirected(ctx, frame, edge, many) {
  const { model, colours } = frame;
  const first = edge.i * POINTS * 2;
  const at = (step) => [frame.x + model.points[first + step * 2] * frame.radius, frame.y + model.points[first + step * 2 + 1] * frame.radius];
  const colour = edge.silent ? colours.muted : edge.failing ? colours.failing : colours[edge.kind];
  const [x0, y0] = at(0);
  const [x1, y1] = at(POINTS - 1);
  if (edge.stuck && !model.clock) {
    ctx.globalAlpha = 0.35;
    ctx.strokeStyle = colours.stuck;
    ctx.lineWidth = 9;
    trace(ctx, frame, edge);
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
  if (many) ctx.strokeStyle = faint(colour, 0.25);
  else {
    const fade = ctx.createLinearGradient(x0, y0, x1, y1);
    fade.addColorStop(0, faint(colour, 0.28));
    fade.addColorStop(0.75, faint(colour, 1));
    ctx.strokeStyle = fade;
  }
  ctx.lineWidth = many ? 0.8 : 1.2 + 0.7 * edge.width;
  if (edge.failing) ctx.setLineDash([7, 4]);
  else if (edge.silent) ctx.setLineDash([2, 4]);
  trace(ctx, frame, edge);
  ctx.stroke();
  ctx.setLineDash([]);
  if (!many) drawHead(ctx, frame, edge, at, colour);
}

function drawHead(ctx, frame, edge, at, colour) {
  const [x, y] = at(POINTS - 1);
  const [bx, by] = at(POINTS - 2);
  const angle = Math.atan2(y - by, x - bx);
  const back = nodeRadius(frame, edge.target) + 1;
  const size = 7 + edge.width;
  ctx.save();
  ctx.translate(x - back * Math.cos(angle), y - back * Math.sin(angle));
  ctx.rotate(angle);
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.moveTo(0, 0);
  ctx.lineTo(-size, -size * 0.42);
  ctx.lineTo(-size, size * 0.42);
  ctx.closePath();
  ctx.fill();
  ctx.restore();
}

/** Names outside of the ring, pushed apart, with lines to their nodes. */
function drawNames(ctx, frame, nodes, centre) {
  const { colours } = frame;
  const most = nodes.slice(0, MOST_LABELS);
  const large = frame.radius > frame.height * 0.7;
  if (large) for (const node of most.filter((n) => n.radius < 1)) drawNameBeside(ctx, frame, node, node === centre);
  const shown = most.filter((n) => n.radius === 1 || !large).sort((a, b) => a.angle - b.angle);
  const distance = frame.radius + 34;
  const angles = spread(shown.map((n) => n.angle), 14.5 / distance);
  shown.forEach((node, i) => {
    const [x, y] = onScreen(frame, node);
    const from = (radius, angle) => [frame.x + radius * Math.sin(angle), frame.y - radius * Math.cos(angle)];
    ctx.strokeStyle = faint(colours.muted, 0.6);
    ctx.lineWidth = 0.8;
    ctx.beginPath();
    ctx.moveTo(x, y);
    if (node.radius === 1) ctx.lineTo(...from(frame.radius + 8, node.angle));
    ctx.lineTo(...from(distance - 6, angles[i]));
    ctx.stroke();
    const own = node === centre;
    ctx.font = `${own ? 700 : 500} ${own ? 14 : 12}px ${colours.font}`;
    const name = !own && centre && node.domain === centre.domain && node.kind !== "topic" ? node.label : node.name;
    const words = clipped(name, Math.max(8, Math.floor(roomOutside(frame, angles[i], distance) / (own ? 7.8 : 6.5))));
    outlined(ctx, frame, node.kind === "topic" ? colours.messaging : colours.text, (draw) => ringText(draw, frame, words, angles[i], distance));
  });
  const rest = nodes.length - most.length;
  if (rest > 0) {
    ctx.font = `500 12px ${colours.font}`;
    ctx.fillStyle = colours.muted;
    ctx.textAlign = "center";
    ctx.fillText(`and ${numberText(rest)} more`, frame.x, frame.y);
  }
}

/** Where the ring is larger than the picture, what lies inside of it is named where it is. */
function drawNameBeside(ctx, frame, node, own) {
  const [x, y] = onScreen(frame, node);
  ctx.font = `${own ? 700 : 500} ${own ? 14 : 12}px ${frame.colours.font}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  outlined(ctx, frame, node.kind === "topic" ? frame.colours.messaging : frame.colours.text, (draw) => draw.fillText(clipped(node.name, 30), x + 12, y));
}

/** Pixels from there outwards to the picture's end. */
function roomOutside(frame, angle, distance) {
  const [dx, dy] = [Math.sin(angle), -Math.cos(angle)];
  const along = (at, way, size) => (way > 1e-6 ? (size - at) / way : way < -1e-6 ? -at / way : Infinity);
  return Math.min(along(frame.x, dx, frame.width), along(frame.y, dy, frame.height), distance + 260) - distance - 6;
}

/** Text in a colour over a ground that keeps it readable. */
function outlined(ctx, frame, colour, write) {
  ctx.fillStyle = colour;
  ctx.shadowColor = frame.colours.page;
  ctx.shadowBlur = 4;
  write(ctx);
  write(ctx);
  ctx.shadowColor = "transparent";
  ctx.shadowBlur = 0;
}

function drawDomainNames(ctx, frame, near, own) {
  const { model, colours } = frame;
  const domains = new Set([...near.nodes].map((n) => n.domain).concat(own));
  const arcs = model.arcs.filter((arc) => domains.has(arc.domain));
  const distance = frame.radius + 26;
  const angles = spread(arcs.map((arc) => (arc.start + arc.end) / 2), 16 / distance);
  arcs.forEach((arc, i) => {
    ctx.font = `${arc.domain === own ? 700 : 500} ${arc.domain === own ? 15 : 13}px ${colours.font}`;
    outlined(ctx, frame, colours.text, (draw) => ringText(draw, frame, clipped(model.domains[arc.domain], 26), angles[i], distance));
    if (arc.domain !== own) return;
    ctx.strokeStyle = colours.accent;
    ctx.lineWidth = 6;
    ctx.beginPath();
    ctx.arc(frame.x, frame.y, frame.radius + 13, arc.start - Math.PI / 2, arc.end - Math.PI / 2);
    ctx.stroke();
  });
}

function drawFound(ctx, frame, found) {
  for (const node of found) drawNode(ctx, frame, node, 2);
  drawNames(ctx, frame, [...found], null);
}

/** Counts of stuck orders on their edges, near where the orders wait; returns their places. */
function drawBadges(ctx, frame, only) {
  const { model, colours } = frame;
  const among = only?.length ? only.filter((e) => e.stuck) : model.edges.filter((e) => e.stuck);
  const placed = [];
  ctx.font = `600 12px ${colours.font}`;
  for (const edge of [...among].sort((a, b) => b.stuck - a.stuck).slice(0, MOST_BADGES)) {
    const text = `◆ ${numberText(edge.stuck)}`;
    const width = ctx.measureText(text).width + 16;
    const spots = [11, 9, 13, 7, 5].map((step) => {
      const p = (edge.i * POINTS + step) * 2;
      return { x: frame.x + model.points[p] * frame.radius, y: frame.y + model.points[p + 1] * frame.radius };
    });
    const free = spots.find((s) => placed.every((b) => Math.abs(b.x - s.x) > (b.width + width) / 2 || Math.abs(b.y - s.y) > 22)) ?? spots[0];
    placed.push({ ...free, width, edge });
    ctx.fillStyle = colours.page;
    ctx.strokeStyle = colours.stuck;
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    ctx.roundRect(free.x - width / 2, free.y - 10, width, 20, 10);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = colours["stuck-ink"];
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(text, free.x, free.y + 0.5);
  }
  return placed;
}
