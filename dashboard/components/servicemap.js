// The service map: a flow or a ring in a stage that pans, zooms, finds and is walked with the keys.

const ZOOM = { flow: [0.3, 6], ring: [0.5, 30] };
const HELP = "Arrow keys walk from service to service, Enter selects, Escape clears, plus and minus zoom.";
const stages = new WeakMap();

function build(root) {
  const stage = make("div", { class: "stage", tabindex: "0", role: "group", "aria-roledescription": "map", "aria-describedby": "map-help" });
  const tip = make("div", { class: "tip" });
  const live = make("div", { class: "hidden", "aria-live": "polite" });
  const help = make("div", { class: "hidden", id: "map-help" }, HELP);
  const hint = make("div", { class: "hint", hidden: true }, "Ctrl + scroll zooms");
  const state = { root, stage, tip, live, hint, painter: null, shape: "", model: null, view: { k: 1, x: 0, y: 0 }, walked: null, target: null };
  state.finder = finder(() => state.model, (text) => seek(state, text), (node) => choose(state, node), (text) => remember(state, text));
  state.replay = replayBar((place) => replayFrame(state, place), (frame) => frame && go(addressWith(state.data, { from: frame.start, to: frame.end })), () => go(addressWith(state.data, { replay: null, from: null, to: null })));
  stage.append(hint);
  const bar = make("div", { class: "bar" }, tip, state.finder.box, zoomButtons((factor) => zoomAbout(state, factor)));
  root.append(make("div", { class: "whole" }, bar, stage, state.replay.bar), live, help, legend());
  listen(state);
  return state;
}

/** What was found is selected; where it isn't shown, its domain opens, or it becomes the middle. */
function choose(state, node) {
  const { data, model } = state;
  const changes = { focus: node.id, edge: null, q: null };
  if (node.kind === "domain") Object.assign(changes, { focus: null, open: node.name });
  else if (node.away && !data.around) changes.open = node.within;
  const href = addressWith(data, changes);
  if (href) go(href);
  else if (model.byId.has(node.id)) update(state, { ...data, selected: node.id, chosenEdge: null });
}

function seek(state, text) {
  state.model.searched = text;
  state.painter.show(state.model);
  state.painter.draw();
  say(state, text.trim() ? `${numberText(foundIn(state.model).size)} found` : "");
}

/** What was searched for goes into the address without a new entry in the history. */
function remember(state, text) {
  const href = addressWith(state.data, { q: text });
  if (!href || text === (state.data.q ?? "")) return;
  window.history.replaceState({}, "", href);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

function replayFrame(state, place) {
  state.data = { ...state.data, frame: place };
  state.model = modelOf(state.data);
  state.painter.show(state.model);
  state.painter.draw();
  say(state, "");
}

/** Above the map: what is pointed at, else what the map has. */
function say(state, words) {
  state.tip.classList.toggle("quiet", !words);
  setText(state.tip, words || summaryOf(state.model));
}

/** Point at something, with the mouse or the keys. */
function point(state, target) {
  const same = state.target?.node === target?.node && state.target?.edge === target?.edge && state.target?.domain === target?.domain;
  if (same) return;
  state.target = target;
  state.painter.mark(target);
  const { model } = state;
  const words = target?.node ? nodeTitle(target.node) : target?.edge ? edgeTitle(target.edge) : target?.domain === undefined ? "" : domainTitle(model, target.domain);
  say(state, words);
  state.stage.classList.toggle("pointing", Boolean(target));
}

function domainTitle(model, domain) {
  const arc = model.arcs.find((a) => a.domain === domain);
  const name = model.domains[domain];
  return `${name} · ${numberText(arc?.count ?? 0)} services · ${name === model.data.opened ? "click to close" : "click to open it alone"}`;
}

/** Select what was clicked; without an address (a saved map) that stays here. */
function pick(state, target) {
  const { model, data } = state;
  const href = target.node ? nodeAddress(model, target.node) : target.edge ? edgeAddress(model, target.edge) : domainAddress(model, model.domains[target.domain]);
  if (href) return go(href);
  if (!target.node && !target.edge) return undefined;
  const selected = target.node && data.selected !== target.node.id ? target.node.id : null;
  return update(state, { ...data, selected, chosenEdge: target.edge && data.chosenEdge !== target.edge.id ? target.edge.id : null });
}

function clear(state) {
  point(state, null);
  state.walked = null;
  if (!state.data.selected && !state.data.chosenEdge) return;
  const href = addressWith(state.data, { focus: null, edge: null, depth: null });
  if (href) go(href);
  else update(state, { ...state.data, selected: null, chosenEdge: null });
}

function zoomAbout(state, factor, at = null) {
  const { stage, view } = state;
  const [least, most] = ZOOM[state.shape];
  if (!factor) Object.assign(view, { k: 1, x: 0, y: 0 });
  else {
    const k = Math.min(most, Math.max(least, view.k * factor));
    const { scale, left, top } = state.painter.units(stage.clientWidth, stage.clientHeight);
    const [px, py] = at ?? [stage.clientWidth / 2, stage.clientHeight / 2];
    const ring = state.shape === "ring";
    const x = ring ? px - stage.clientWidth / 2 : left + px * scale;
    const y = ring ? py - stage.clientHeight / 2 : top + py * scale;
    view.x = x - ((x - view.x) * k) / view.k;
    view.y = y - ((y - view.y) * k) / view.k;
    view.k = k;
  }
  showView(state);
}

function showView({ stage, view, painter }) {
  setAttribute(stage, "data-view", [view.k, view.x, view.y].map((value) => value.toFixed(2)).join(" "));
  painter.move(view);
}

function listen(state) {
  const { stage } = state;
  let grip = null;
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  stage.addEventListener("pointermove", (event) => {
    if (grip && grip.id === event.pointerId) {
      const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
      if (!grip.moved && Math.hypot(dx, dy) < 5) return;
      if (!grip.moved) stage.setPointerCapture(event.pointerId);
      grip.moved = true;
      const { scale } = state.painter.units(stage.clientWidth, stage.clientHeight);
      Object.assign(state.view, { x: grip.from.x + dx * scale, y: grip.from.y + dy * scale });
      showView(state);
      return;
    }
    if (event.pointerType !== "touch") point(state, state.painter.at(...place(event), event.target));
  });
  stage.addEventListener("pointerleave", () => point(state, null));
  stage.addEventListener("focusin", (event) => {
    const about = state.shape === "flow" ? event.target.closest?.(".node, .edge")?.about : null;
    if (about) point(state, about);
  });
  stage.addEventListener("focusout", () => point(state, null));
  stage.addEventListener("pointerdown", (event) => {
    if (event.button === 0) grip = { id: event.pointerId, x: event.clientX, y: event.clientY, from: { ...state.view }, moved: false };
  });
  const drop = () => {
    if (grip?.moved) {
      const stop = (event) => { event.preventDefault(); event.stopPropagation(); };
      stage.addEventListener("click", stop, { capture: true, once: true });
      setTimeout(() => stage.removeEventListener("click", stop, { capture: true }), 0);
    }
    grip = null;
  };
  stage.addEventListener("pointerup", drop);
  stage.addEventListener("pointercancel", drop);
  stage.addEventListener("dragstart", (event) => event.preventDefault());
  stage.addEventListener("click", (event) => {
    if (event.defaultPrevented) return;
    const target = state.painter.at(...place(event), event.target);
    // links of the flow are followed as links, except in a saved map, where they lead nowhere
    if (!target) clear(state);
    else if (state.shape === "ring" || !state.data.address) pick(state, target);
  });
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) {
      state.hint.hidden = false;
      clearTimeout(state.hinting);
      state.hinting = setTimeout(() => { state.hint.hidden = true; }, 1200);
      return;
    }
    event.preventDefault();
    zoomAbout(state, Math.exp(-event.deltaY / 300), place(event));
  }, { passive: false });
  stage.addEventListener("keydown", (event) => walk(state, event));
  window.addEventListener("choreoscope-save-map", (event) => {
    if (stage.isConnected) saveMap(state.painter, state.colours(), event.detail);
  });
  new ResizeObserver(() => settle(state)).observe(stage);
}

function walk(state, event) {
  const { model } = state;
  if (event.key === "Escape") clear(state);
  else if (event.key === "+" || event.key === "-") zoomAbout(state, event.key === "+" ? 1.4 : 1 / 1.4);
  else if (event.key === "/") {
    event.preventDefault();
    state.finder.field.focus();
  } else if (event.key === "Enter" && state.walked && event.target === state.stage) pick(state, { node: state.walked });
  else if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    const from = event.target.closest?.(".node")?.about?.node ?? state.walked ?? model.byId.get(model.data.selected);
    const next = from ? state.painter.step(model, from, event.key) : model.nodes[0];
    if (!next) return;
    state.walked = next;
    state.painter.focus(next);
    point(state, { node: next });
    setText(state.live, nodeTitle(next));
  }
}

/** After the stage's width changed. */
function settle(state) {
  if (!state.painter || !state.stage.clientWidth || state.wide === state.stage.clientWidth) return;
  state.wide = state.stage.clientWidth;
  state.stage.style.height = `${state.painter.height(state.wide)}px`;
  state.painter.move(state.view);
  state.painter.draw();
}

function update(state, data) {
  const place = state.replay.set(data.frames ?? [], data.frame);
  state.data = data.frames?.length ? { ...data, frame: place } : data;
  const searched = state.finder.field.matches(":focus") ? state.finder.field.value : undefined;
  state.model = modelOf(state.data);
  state.model.searched = searched;
  state.finder.set(data.q ?? "");
  if (state.shape !== data.shape) {
    state.painter?.remove();
    state.shape = data.shape;
    state.painter = (data.shape === "ring" ? ringPainter : flowPainter)(state.stage);
    state.colours ??= colourReader(state.stage, () => {});
    Object.assign(state.view, { k: 1, x: 0, y: 0 });
    state.wide = 0;
  }
  setAttribute(state.stage, "aria-label", data.label);
  const { target } = state;
  state.target = null;
  state.painter.show(state.model);
  state.wide = 0;
  settle(state);
  state.walked = state.model.byId.get(state.walked?.id) ?? null;
  say(state, "");
  const again = target?.node ? { node: state.model.byId.get(target.node.id) } : target?.edge ? { edge: state.model.edgeById.get(target.edge.id) } : target;
  if (again && (again.node || again.edge || again.domain !== undefined)) point(state, again);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  if (!stages.has(root)) stages.set(root, build(root));
  update(stages.get(root), data);
}
