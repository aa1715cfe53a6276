// Goes to an address once: what was searched for is one order. Data: {href, number}.

let last = null;

export default function ({ data, parentElement }) {
  if (!data.href || data.number === last) return;
  last = data.number;
  parentElement.querySelector(".root").hidden = true;
  go(data.href);
}
