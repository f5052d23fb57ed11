// Elements. Text of users gets into the page through textContent and attributes only, never as markup.

export type Child = Node | string | number | null | undefined | false;
type Listener = (event: never) => void;
export type Properties = Record<string, string | number | boolean | null | undefined | Listener>;

// el("a", {href: "#/", class: "x", onclick: f}, "text", child): false, null and undefined are left out.
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") node.addEventListener(key.slice(2), value as EventListener);
    else if (key === "value") (node as unknown as HTMLInputElement).value = String(value ?? "");
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, String(value));
  }
  append(node, ...children);
  return node;
}

export function append(node: Node, ...children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    node.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function replace(node: Element, ...children: Child[]): void {
  node.replaceChildren();
  append(node, ...children);
}

// Sets the text when it is another: selections and screen readers are left in peace.
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
