/** Elements from data: text always as text, never as markup. */
const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag @param {string} className @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** One of the page's symbols. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  svg.setAttribute('class', name === 'ticks' ? 'icon wide' : 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#${name}`);
  svg.append(use);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** Writes only what is new: a screen reader hears of each write. */
export function setText(target, value) {
  if (target.textContent !== value) target.textContent = value;
}

/**
 * Makes the children of a parent be these nodes, in this order, touching only what differs.
 * @param {Element} parent @param {Node[]} wanted
 */
export function arrange(parent, wanted) {
  const stay = new Set(wanted);
  for (const child of [...parent.children]) if (!stay.has(child)) child.remove();
  let place = parent.firstChild;
  for (const node of wanted) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
}

/** A person's initial on their own quiet colour. @param {{user: string, name: string}} person */
export function avatar({ user, name }) {
  let hash = 0;
  for (const char of user) hash = (hash * 101 + char.codePointAt(0)) % 9973;
  const made = element('span', `avatar hue-${hash % 8}`, [...name][0]?.toUpperCase() ?? '?');
  made.title = name;
  made.setAttribute('aria-hidden', 'true');
  return made;
}
