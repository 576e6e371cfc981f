// Elements made without markup: whatever comes from the program is text, never HTML.

/** Makes an element; attributes that are functions are listeners. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Changes text only where it is another one, so that selections stay. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export function byId(id) {
  return document.getElementById(id);
}

/** What stands where there is nothing to show. */
export function emptiness(title, text) {
  return element("div", { class: "empty" }, element("strong", {}, title), element("span", {}, text));
}
