// Around the map: what is said of the pointer's target, finding, zooming, the replay, the legend.

function legend() {
  const list = make("ul", { class: "legend", "aria-label": "Legend" });
  const line = (look) => draw("svg", { width: 28, height: 8, "aria-hidden": "true" }, draw("path", { d: "M0 4H28", class: `line ${look}`, "stroke-width": 2.2 }));
  for (const [look, words] of [
    ["rpc", "call"],
    ["messaging", "message through a topic ◆"],
    ["database", "database"],
    ["failing", "failing (1 % errors or more)"],
    ["silent", "gone silent"],
  ]) list.append(make("li", {}, line(look), words));
  list.append(make("li", {}, make("span", { class: "pill", "aria-hidden": "true" }, "◆ 7"), "orders stuck on an edge"));
  return list;
}

function zoomButtons(act) {
  const buttons = make("div", { class: "buttons" });
  for (const [words, text, factor] of [["Zoom in", "+", 1.4], ["Zoom out", "−", 1 / 1.4], ["Show all", "⤢", 0]]) {
    const button = make("button", { type: "button", "aria-label": words, title: words }, text);
    button.addEventListener("click", () => act(factor));
    buttons.append(button);
  }
  return buttons;
}

/** Nodes whose name has what is searched for. */
function foundIn(model) {
  const asked = (model.searched ?? model.data.q ?? "").trim().toLowerCase();
  if (!asked) return new Set();
  return new Set(model.nodes.filter((node) => node.name.toLowerCase().includes(asked)));
}

/** What isn't shown (in closed domains, far away) and has that in its name. */
function notShown({ data }, asked) {
  const part = asked.trim().toLowerCase();
  if (!part) return [];
  const { id, name, domain } = data.elsewhere;
  const found = [];
  id.forEach((own, i) => {
    const named = name[i] || own;
    if (named.toLowerCase().includes(part)) found.push({ id: own, name: named, within: domain[i], away: true });
  });
  return found;
}

const chosenOf = (model) => {
  const node = model.byId.get(model.data.selected);
  const edge = model.edgeById.get(model.data.chosenEdge);
  return node ? { node } : edge ? { edge } : null;
};

/** A search field with the best matches below it. `see(text)` marks, `pick(node)` selects. */
function finder(modelNow, see, pick, remember) {
  const field = make("input", { type: "search", placeholder: "Find a service or topic", "aria-label": "Find a service or topic", autocomplete: "off", spellcheck: "false", role: "combobox", "aria-expanded": "false", "aria-controls": "matches" });
  const list = make("ul", { id: "matches", role: "listbox", "aria-label": "Found" });
  const rest = make("p", { class: "rest" });
  const drop = make("div", { class: "matches", hidden: true }, list, rest);
  const box = make("div", { class: "finder" }, field, drop);
  let matches = [];
  let at = -1;

  function offer() {
    matches = [...foundIn(modelNow()), ...notShown(modelNow(), field.value)].sort((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
    const shown = field.value.trim() && field.matches(":focus") ? matches.slice(0, 8) : [];
    list.replaceChildren(...shown.map((node, i) => {
      const item = make("li", { role: "option", id: `match-${i}`, "aria-selected": String(i === at) }, node.name);
      item.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        choose(node);
      });
      return item;
    }));
    const none = field.value.trim() && !matches.length && field.matches(":focus");
    setText(rest, none ? "no such name" : shown.length < matches.length ? `and ${numberText(matches.length - shown.length)} more` : "");
    drop.hidden = !shown.length && !none;
    setAttribute(field, "aria-expanded", String(!drop.hidden));
    setAttribute(field, "aria-activedescendant", at >= 0 ? `match-${at}` : null);
  }

  function choose(node) {
    drop.hidden = true;
    field.value = "";
    see("");
    pick(node);
  }

  field.addEventListener("input", () => {
    at = -1;
    see(field.value);
    offer();
  });
  field.addEventListener("focus", offer);
  field.addEventListener("blur", () => {
    drop.hidden = true;
    remember(field.value.trim());
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      at = Math.max(-1, Math.min(Math.min(matches.length, 8) - 1, at + step));
      event.preventDefault();
      offer();
    } else if (event.key === "Enter" && matches.length) choose(matches[Math.max(at, 0)]);
    else if (event.key === "Escape") {
      field.value = "";
      see("");
      field.blur();
    }
  });
  return { box, field, set: (text) => { if (!field.matches(":focus") && field.value !== text) field.value = text; } };
}

/** The past hour in a few minutes each: play, pause, any moment. `show(place)` draws it, null ends. */
function replayBar(show, stay, leave) {
  const play = make("button", { type: "button", class: "play", "aria-label": "Play" }, "▶");
  const range = make("input", { type: "range", min: 0, "aria-label": "Time of the replay" });
  const clock = make("output", { class: "clock" });
  const close = make("button", { type: "button", "aria-label": "End the replay", title: "End the replay" }, "✕");
  const bar = make("div", { class: "replay", hidden: true }, play, range, clock, close);
  let frames = [];
  let timer = 0;

  const here = () => Number(range.value);
  function see(place) {
    range.value = place;
    setText(clock, frames[place]?.clock ?? "");
    show(place);
  }
  function pause() {
    clearInterval(timer);
    timer = 0;
    setText(play, "▶");
    setAttribute(play, "aria-label", "Play");
  }
  play.addEventListener("click", () => {
    if (timer) {
      pause();
      stay(frames[here()]);
      return;
    }
    if (here() >= frames.length - 1) see(0);
    setText(play, "❚❚");
    setAttribute(play, "aria-label", "Pause");
    timer = setInterval(() => {
      if (!bar.isConnected || here() >= frames.length - 1) {
        pause();
        if (bar.isConnected) stay(frames[here()]);
      } else see(here() + 1);
    }, 900);
  });
  range.addEventListener("input", () => {
    pause();
    see(here());
  });
  range.addEventListener("change", () => stay(frames[here()]));
  close.addEventListener("click", () => {
    pause();
    leave();
  });
  return {
    bar,
    playing: () => Boolean(timer),
    set(given, place) {
      frames = given;
      bar.hidden = !frames.length;
      range.max = Math.max(frames.length - 1, 0);
      if (timer || range.matches(":active")) return here();
      range.value = place ?? 0;
      setText(clock, frames[range.value]?.clock ?? "");
      return Number(range.value);
    },
  };
}
