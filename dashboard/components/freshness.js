// How old the picture is, ticking by itself. Data: {fetched_at, age_s, limit_s, note, away}; the
// age is reckoned here from `age_s`, since clocks differ; `fetched_at` makes every answer new data.

const timers = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  if (!root.firstElementChild) {
    root.append(make("span", { class: "dot", "aria-hidden": "true" }), make("span", { class: "text" }));
  }
  const born = performance.now() - data.age_s * 1000;
  const show = () => {
    const age = Math.max(0, Math.floor((performance.now() - born) / 1000));
    const old = data.away || age > data.limit_s;
    root.classList.toggle("old", old);
    const shown = age < 120 ? `${age} s` : `${Math.floor(age / 60)} min`;
    setText(root.lastElementChild, `${old ? "⚠ " : ""}data ${shown} old${data.note ? ` · ${data.note}` : ""}`);
  };
  clearInterval(timers.get(root));
  show();
  timers.set(root, setInterval(show, 1000));
  return () => clearInterval(timers.get(root));
}
