// The map's data as objects: nodes that know their edges, and what is said of both.
// Data: DrawnMap of figures/drawing.py, and what components/maps.py adds to it.

const NODE_KINDS = ["service", "topic", "database", "external", "domain"];
const EDGE_KINDS = ["rpc", "messaging", "database"];
const KIND_WORDS = { rpc: "call", messaging: "message", database: "database" };
const FAILING_SHARE = 0.01;

function modelOf(data) {
  const { nodes: n, edges: e } = data;
  const nodes = n.id.map((id, i) => {
    const node = { i, id, name: n.name[i] || id, kind: NODE_KINDS[n.kind[i]], domain: n.domain[i], count: n.count[i], stuck: 0, out: [], into: [] };
    node.label = n.label[i] || node.name;
    if (n.angle) {
      node.angle = n.angle[i];
      node.radius = n.radius[i];
      node.x = node.radius * Math.sin(node.angle);
      node.y = -node.radius * Math.cos(node.angle);
    } else [node.x, node.y] = [n.x[i], n.y[i]];
    return node;
  });
  const edges = e.source.map((source, i) => {
    const edge = { i, source: nodes[source], target: nodes[e.target[i]], kind: EDGE_KINDS[e.kind[i]], width: e.width[i], calls: e.calls[i], errors: e.errors[i], p95: e.p95_ms[i], stuck: 0, failing: false, silent: "" };
    edge.id = `${edge.source.id}>${edge.target.id}`;
    if (e.points) [edge.points, edge.badge] = [e.points[i], e.badge[i]];
    edge.source.out.push(edge);
    edge.target.into.push(edge);
    return edge;
  });
  for (const [i, count] of data.stuck_nodes) nodes[i].stuck = count;
  for (const [i, count] of data.stuck_edges) edges[i].stuck = count;
  for (const i of data.failing) edges[i].failing = true;
  for (const [i, words] of data.silent) edges[i].silent = words;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const edgeById = new Map(edges.map((edge) => [edge.id, edge]));
  const model = { data, nodes, edges, byId, edgeById, domains: data.domains, arcs: data.arcs, clock: "" };
  if (data.frames?.length && data.frame !== null) playFrame(model, data.frames[data.frame]);
  return model;
}

/** Show the calls of a few minutes alone; edges without any are as good as silent. */
function playFrame(model, frame) {
  const { data } = model;
  const busiest = Math.max(1, ...frame.calls);
  for (const edge of model.edges) Object.assign(edge, { calls: 0, errors: 0, width: 0, failing: false, silent: "no calls in these minutes" });
  frame.edge.forEach((i, at) => {
    const [calls, errors] = [frame.calls[at], frame.errors[at]];
    const share = calls / busiest;
    Object.assign(model.edges[i], { calls, errors, silent: "", width: share > 0.4 ? 2 : share > 0.08 ? 1 : 0, failing: errors / calls >= FAILING_SHARE });
  });
  model.clock = frame.clock;
  return data;
}

const THIN = "\u202f";

function numberText(count) {
  if (count < 100000) return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, THIN);
  const [size, unit] = count >= 1e9 ? [1e9, "G"] : count >= 1e6 ? [1e6, "M"] : [1e3, "k"];
  return `${(count / size).toFixed(count / size < 100 ? 1 : 0)}${THIN}${unit}`;
}

function timeText(ms) {
  if (ms < 0.95) return `${Math.round(ms * 1000)}${THIN}µs`;
  if (ms < 9.5) return `${ms.toFixed(1).replace(".0", "")}${THIN}ms`;
  if (ms < 1000) return `${Math.round(ms)}${THIN}ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(1)}${THIN}s`;
  return `${Math.round(ms / 60000)}${THIN}min`;
}

function percentText(share) {
  if (share === 0) return `0${THIN}%`;
  return share < 0.001 ? `<0.1${THIN}%` : `${(share * 100).toFixed(1)}${THIN}%`;
}

const stuckText = (count) => ` · ◆ ${numberText(count)} ${count === 1 ? "order" : "orders"} stuck here`;

function nodeTitle(node) {
  const what = node.kind === "domain" ? ` · ${numberText(node.count)} services` : node.kind === "service" ? "" : ` · ${node.kind}`;
  return `${node.name}${what} · in ${node.into.length} · out ${node.out.length}${node.stuck ? stuckText(node.stuck) : ""}`;
}

function edgeTitle(edge) {
  const parts = [`${edge.source.name} → ${edge.target.name}`, KIND_WORDS[edge.kind], `${numberText(edge.calls)} calls`];
  if (edge.calls) parts.push(`errors ${percentText(edge.errors / edge.calls)}`, `p95 ${timeText(edge.p95)}`);
  if (edge.silent) parts.push(edge.silent);
  return parts.join(" · ") + (edge.stuck ? stuckText(edge.stuck) : "");
}

/** The map in a line. */
function summaryOf({ data, nodes, edges, clock }) {
  const held = edges.filter((edge) => edge.stuck);
  const parts = [clock, `${numberText(nodes.length)} nodes, ${numberText(edges.length)} edges`];
  if (held.length && !clock) parts.push(`◆ ${numberText(held.reduce((sum, edge) => sum + edge.stuck, 0))} orders stuck on ${held.length === 1 ? "one edge" : `${held.length} edges`}`);
  const failing = edges.filter((edge) => edge.failing).length;
  if (failing) parts.push(`${failing} failing`);
  if (data.left_out) parts.push(`${numberText(data.left_out)} more left out`);
  return parts.filter(Boolean).join(" · ");
}

/** The page's address with some parameters changed; null removes one. No address: a saved map. */
function addressWith(data, changes) {
  if (!data.address) return null;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...data.address, ...changes })) if (value) query.set(name, value);
  return `/map${query.size ? `?${query}` : ""}`;
}

/** Where a click on a node leads: it becomes selected, or isn't any more; a closed domain opens. */
function nodeAddress(model, node) {
  const { data } = model;
  if (node.kind === "domain") return domainAddress(model, node.name);
  return addressWith(data, { focus: node.id === data.selected ? null : node.id, edge: null, depth: node.id === data.selected ? null : data.address?.depth });
}

function edgeAddress(model, edge) {
  const { data } = model;
  return addressWith(data, { edge: edge.id === data.chosenEdge ? null : edge.id, focus: null, depth: null });
}

function domainAddress(model, name) {
  return addressWith(model.data, { open: name === model.data.opened ? null : name, focus: null, edge: null });
}

const isNear = (node) => new Set([node, ...node.out.map((e) => e.target), ...node.into.map((e) => e.source)]);

/** What belongs to a target of the pointer or a selection: its nodes and edges. */
function belonging(target, model) {
  if (target?.node) return { nodes: isNear(target.node), edges: [...target.node.out, ...target.node.into] };
  if (target?.edge) return { nodes: new Set([target.edge.source, target.edge.target]), edges: [target.edge] };
  if (target?.domain !== undefined) {
    const edges = model.edges.filter((e) => e.source.domain === target.domain || e.target.domain === target.domain);
    return { nodes: new Set(edges.flatMap((e) => [e.source, e.target])), edges };
  }
  return null;
}
