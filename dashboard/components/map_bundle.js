// Ways of a ring's edges in units of its radius, after Holten's hierarchical edge bundling: from a
// node by its domain's anchor, the middle, and the other domain's anchor to the other node.

const POINTS = 18;
const ANCHOR = 0.52;
const STRAIGHTEN = 0.82;

const WEIGHTS = [2, 4].reduce((found, degree) => {
  const choose = degree === 2 ? [1, 2, 1] : [1, 4, 6, 4, 1];
  found[degree] = Array.from({ length: POINTS }, (_, step) => {
    const t = step / (POINTS - 1);
    return choose.map((c, k) => c * t ** k * (1 - t) ** (degree - k));
  });
  return found;
}, {});

/** All edges' points in one array, POINTS pairs an edge. */
function bundled(model) {
  const anchors = new Map(model.arcs.map((arc) => [arc.domain, (arc.start + arc.end) / 2]));
  const points = new Float32Array(model.edges.length * POINTS * 2);
  model.edges.forEach((edge, i) => {
    const control = controlOf(edge, anchors);
    const weights = WEIGHTS[control.length - 1];
    for (let step = 0; step < POINTS; step += 1) {
      let x = 0;
      let y = 0;
      for (let k = 0; k < control.length; k += 1) {
        x += weights[step][k] * control[k][0];
        y += weights[step][k] * control[k][1];
      }
      points[(i * POINTS + step) * 2] = x;
      points[(i * POINTS + step) * 2 + 1] = y;
    }
  });
  return points;
}

function controlOf({ source, target }, anchors) {
  const [a, b] = [[source.x, source.y], [target.x, target.y]];
  if (source === target) return [a, [a[0] * 0.9 - a[1] * 0.08, a[1] * 0.9 + a[0] * 0.08], [a[0] * 0.82, a[1] * 0.82], [a[0] * 0.9 + a[1] * 0.08, a[1] * 0.9 - a[0] * 0.08], b];
  if (source.angle === target.angle) return [a, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], b];
  if (source.domain === target.domain) {
    const apart = Math.abs(source.angle - target.angle) / (2 * Math.PI);
    const dive = 1 - 2 * Math.min(0.1 + 0.75 * Math.min(apart, 1 - apart), 0.42);
    return [a, [((a[0] + b[0]) / 2) * dive, ((a[1] + b[1]) / 2) * dive], b];
  }
  const at = (domain) => [ANCHOR * Math.sin(anchors.get(domain)), -ANCHOR * Math.cos(anchors.get(domain))];
  return [a, at(source.domain), [0, 0], at(target.domain), b].map(([x, y], k) => [
    STRAIGHTEN * x + (1 - STRAIGHTEN) * (a[0] + ((b[0] - a[0]) * k) / 4),
    STRAIGHTEN * y + (1 - STRAIGHTEN) * (a[1] + ((b[1] - a[1]) * k) / 4),
  ]);
}

/** Angles near the wished ones, in their order and at least `apart`; neighbours that collide move as one. */
function spread(wishes, apart) {
  const blocks = [];
  wishes.forEach((wish, i) => {
    let block = { sum: wish - i * apart, count: 1 };
    while (blocks.length && blocks.at(-1).sum / blocks.at(-1).count > block.sum / block.count) {
      const other = blocks.pop();
      block = { sum: other.sum + block.sum, count: other.count + block.count };
    }
    blocks.push(block);
  });
  const means = blocks.flatMap((block) => Array(block.count).fill(block.sum / block.count));
  return means.map((mean, i) => mean + i * apart);
}
