// The grouped ring on two canvases: the whole map below, what is hovered or selected above it.
// While the view moves, both are moved as they are; they are drawn anew when it stands still.

const LABEL_SLOT = 4.6;
const LABEL_AT = 30;
const LONGEST_LABEL = 22;
const EDGE_WIDTHS = [0.7, 1.2, 2.2];
const MOST_HIT_EDGES = 1500;
const MOST_LABELS = 26;
const MOST_BADGES = 40;

function ringPainter(stage) {
  const base = make("canvas", { class: "base", "aria-hidden": "true" });
  const over = make("canvas", { class: "over", "aria-hidden": "true" });
  stage.append(base, over);
  let model = null;
  let target = null;
  let drawnAt = { k: 1, x: 0, y: 0 };
  let view = drawnAt;
  let settle = 0;
  let badges = [];
  const read = colourReader(stage, () => redraw());

  /** The measures of a picture of that size at that view. */
  function frameFor(width, height, seen) {
    const named = model.data.slot * fitted(width, height, roomFor(model, true)) >= LABEL_SLOT;
    const radius = fitted(width, height, roomFor(model, named)) * seen.k;
    return { width, height, named, radius, x: width / 2 + seen.x, y: height / 2 + seen.y, slot: model.data.slot * radius, colours: read(), model };
  }

  const frameNow = () => frameFor(stage.clientWidth, stage.clientHeight, view);

  function redraw() {
    if (!model || !stage.clientWidth) return;
    drawnAt = { ...view };
    const frame = frameNow();
    for (const canvas of [base, over]) {
      fit(canvas, frame.width, frame.height);
      canvas.style.transform = "";
    }
    drawRing(context(base), frame);
    drawOver(frame);
  }

  function drawOver(frame) {
    const seen = target ?? chosenOf(model);
    const found = seen ? null : foundIn(model);
    base.style.opacity = seen ? (frame.colours.dark ? 0.2 : 0.16) : found?.size ? 0.35 : 1;
    const ctx = context(over);
    ctx.clearRect(0, 0, frame.width, frame.height);
    badges = drawMarks(ctx, frame);
  }

  /** What lies over the ring: what is pointed at, selected or found, and counts of stuck orders. */
  function drawMarks(ctx, frame) {
    const seen = target ?? chosenOf(model);
    const found = seen ? null : foundIn(model);
    if (seen) drawBelonging(ctx, frame, seen);
    else if (found?.size) drawFound(ctx, frame, found);
    return model.clock ? [] : drawBadges(ctx, frame, belonging(seen, model)?.edges);
  }

  function move(next) {
    view = { ...next };
    clearTimeout(settle);
    if (["k", "x", "y"].every((name) => view[name] === drawnAt[name])) return;
    const scale = view.k / drawnAt.k;
    const [cx, cy] = [stage.clientWidth / 2, stage.clientHeight / 2];
    const x = view.x - drawnAt.x * scale + cx * (1 - scale);
    const y = view.y - drawnAt.y * scale + cy * (1 - scale);
    for (const canvas of [base, over]) canvas.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    settle = setTimeout(redraw, 140);
  }

  function at(px, py) {
    if (!model) return null;
    const frame = frameNow();
    const badge = badges.find((b) => Math.abs(px - b.x) < b.width / 2 && Math.abs(py - b.y) < 11);
    if (badge) return { edge: badge.edge };
    const [ux, uy] = [(px - frame.x) / frame.radius, (py - frame.y) / frame.radius];
    const away = Math.hypot(ux, uy);
    const angle = (Math.atan2(ux, -uy) + 2 * Math.PI) % (2 * Math.PI);
    let near = null;
    let best = 9 / frame.radius;
    for (const node of model.nodes) {
      const d = Math.hypot(node.x - ux, node.y - uy);
      if (d < best) [near, best] = [node, d];
    }
    if (near) return { node: near };
    // outside of the nodes: the arc, the names of nodes, and beyond them those of domains
    const beyond = (away - 1) * frame.radius;
    if (beyond > LABEL_AT - 6 && beyond < LABEL_AT + 4 + model.longest) {
      const close = model.labels.find((label) => Math.abs(label.angle - angle) < label.apart / 2);
      if (close) return { node: close.node };
    }
    if (beyond > 8 && beyond < model.longest + 150) {
      const arc = model.arcs.find((a) => angle >= a.start - 0.01 && angle <= a.end + 0.01);
      if (arc) return arcTarget(arc);
    }
    return edgeAt(ux, uy, 5 / frame.radius);
  }

  function arcTarget(arc) {
    const closed = arc.closed ? model.nodes.find((n) => n.kind === "domain" && n.domain === arc.domain) : null;
    return closed ? { node: closed } : { domain: arc.domain };
  }

  function edgeAt(ux, uy, limit) {
    const chosen = belonging(chosenOf(model), model)?.edges;
    const among = chosen ?? (model.edges.length <= MOST_HIT_EDGES ? model.edges : model.edges.filter((e) => e.failing || e.stuck));
    let found = null;
    let best = limit;
    for (const edge of among) {
      for (let p = edge.i * POINTS * 2, last = p + (POINTS - 1) * 2; p < last; p += 2) {
        const d = offSegment(ux, uy, model.points[p], model.points[p + 1], model.points[p + 2], model.points[p + 3]);
        if (d < best) [found, best] = [edge, d];
      }
    }
    return found ? { edge: found } : null;
  }

  return {
    show(given) {
      model = given;
      model.points = bundled(model);
      model.hub = hubDegree(model);
      model.topics = model.nodes.filter((n) => n.kind === "topic").length;
      model.thin = thinning(model);
      model.longest = 0;
      model.labels = [];
      model.closed = model.arcs.filter((arc) => arc.closed).reduce((least, arc) => Math.min(least, arc.end - arc.start), Infinity);
      if (model.closed === Infinity) model.closed = 0;
    },
    mark(next) {
      target = next?.domain !== undefined || next?.node || next?.edge ? next : null;
      if (model && base.width) drawOver(frameNow());
    },
    height: (width) => Math.round(Math.max(520, Math.min(width * 0.92, Math.max(window.innerHeight - 215, 680), 900))),
    draw: redraw,
    move,
    at,
    units: () => ({ scale: 1, left: 0, top: 0 }),
    focus: () => stage.focus({ preventScroll: true }),
    step: ringStep,
    /** The picture as it is seen, so many times as large. */
    picture(scale) {
      const frame = frameNow();
      const canvas = make("canvas");
      Object.assign(canvas, { width: frame.width * scale, height: frame.height * scale });
      const below = make("canvas");
      Object.assign(below, { width: canvas.width, height: canvas.height });
      const [ctx, under] = [context(canvas), context(below)];
      ctx.fillStyle = frame.colours.page;
      ctx.fillRect(0, 0, canvas.width, canvas.height);
      under.scale(scale, scale);
      drawRing(under, frame);
      ctx.globalAlpha = Number(base.style.opacity || 1);
      ctx.drawImage(below, 0, 0);
      ctx.globalAlpha = 1;
      ctx.scale(scale, scale);
      drawMarks(ctx, frame);
      return canvas;
    },
    /** The same as SVG; what is selected stands there alone. */
    vector() {
      const frame = frameNow();
      const ctx = svgContext(frame.width, frame.height);
      ctx.fillStyle = frame.colours.page;
      ctx.fillRect(0, 0, frame.width, frame.height);
      if (target ?? chosenOf(model)) drawArcs(ctx, frame);
      else drawRing(ctx, frame);
      drawMarks(ctx, frame);
      return ctx.svg;
    },
    remove: () => {
      clearTimeout(settle);
      base.remove();
      over.remove();
    },
  };
}

/** Pixels outside of the ring that names take: those of nodes, or of domains. */
function roomFor(model, named) {
  const letters = (nodes, most) => nodes.reduce((longest, n) => Math.max(longest, Math.min(n.label.length, most)), 0);
  const closed = model.nodes.filter((n) => n.kind === "domain");
  const open = model.nodes.filter((n) => n.radius === 1 && n.kind !== "domain");
  const domains = Math.max(0, ...model.arcs.filter((a) => !a.closed).map((a) => Math.min(model.domains[a.domain].length, 24)));
  const outside = named ? 74 + 5.7 * letters(open, LONGEST_LABEL) : 32 + 7.4 * domains;
  return Math.min(200, Math.max(112, closed.length ? 34 + 6.7 * (letters(closed, 24) + 4) : 0, outside));
}

function fitted(width, height, labels) {
  const half = Math.min(width, height) / 2;
  return Math.max(half - labels, half * 0.5);
}

function fit(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
}

const context = (canvas) => canvas.getContext("2d");

function offSegment(x, y, ax, ay, bx, by) {
  const [dx, dy] = [bx - ax, by - ay];
  const long = dx * dx + dy * dy;
  const t = long ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / long)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** Left and right: along the ring; down: the busiest it calls; up: the busiest that calls it. */
function ringStep(model, node, key) {
  if (key === "ArrowRight" || key === "ArrowLeft") {
    const around = model.nodes.filter((n) => (n.radius === 1) === (node.radius === 1)).sort((a, b) => a.angle - b.angle);
    const at = around.indexOf(node) + (key === "ArrowRight" ? 1 : -1);
    return around[(at + around.length) % around.length] ?? null;
  }
  const down = key === "ArrowDown";
  const edges = (down ? node.out : node.into).filter((e) => e.source !== e.target);
  const busiest = edges.sort((a, b) => b.calls - a.calls || a.i - b.i)[0];
  return busiest ? (down ? busiest.target : busiest.source) : null;
}
