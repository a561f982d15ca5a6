// Says where text, fields and private controls stand in one frame, in CSS pixels of its viewport; for robot/browser/covered.py.
// Reads only: nothing is added to the page, not even for measuring. Needs private.js in front.
const box = (r) => [r.left, r.top, r.width, r.height];
const seen = (r) => r.width > 0 && r.height > 0 && r.bottom > 0 && r.right > 0 && r.top < innerHeight && r.left < innerWidth;

const places = roots(document);
const everywhere = (css) => places.flatMap((root) => all(root, css));

const texts = (root) => {
  const found = [], walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (walk.nextNode()) {
    const node = walk.currentNode, text = node.data;
    if (!text.trim() || /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE|TITLE|OPTION|TEXTAREA)$/.test(node.parentElement?.tagName)) continue;
    range.selectNodeContents(node);
    if (!seen(range.getBoundingClientRect())) continue;
    const words = [];
    // Where words stand is asked only of texts that can hold something private: measuring is what costs.
    if (EVERY_WORD || /[\d@]/.test(text)) for (const word of text.matchAll(/\S+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      words.push([word.index, word.index + word[0].length, [...range.getClientRects()].map(box)]);
    }
    found.push({ text, words });
  }
  return found;
};

// Where each word of a field stands, or null where that isn't sure: then the whole field is covered.
const measured = (field, value) => {
  const style = getComputedStyle(field), rect = field.getBoundingClientRect();
  const odd = Math.abs(rect.width - field.offsetWidth) > 1 || style.letterSpacing !== "normal" || style.textTransform !== "none" || style.direction !== "ltr" ||
    !/^(start|left)$/.test(style.textAlign) || style.textIndent !== "0px" || style.wordSpacing !== "0px" || /\t/.test(value);
  if (odd || typeof OffscreenCanvas === "undefined") return null;
  const pen = new OffscreenCanvas(1, 1).getContext("2d");
  pen.font = style.font;
  const px = (name) => parseFloat(style[name]) || 0, wide = (text) => pen.measureText(text).width;
  const left = rect.left + px("borderLeftWidth") + px("paddingLeft") - field.scrollLeft;
  const size = pen.measureText("Ág"), tall = parseFloat(style.lineHeight) || size.fontBoundingBoxAscent + size.fontBoundingBoxDescent;
  const words = [];
  if (field.tagName === "INPUT") {
    for (const word of value.matchAll(/\S+/g)) {
      const x = left + wide(value.slice(0, word.index));
      words.push([word.index, word.index + word[0].length, [[x - 3, rect.top, wide(word[0]) + 6, rect.height]]]);
    }
    return words;
  }
  const room = field.clientWidth - px("paddingLeft") - px("paddingRight"), top = rect.top + px("borderTopWidth") + px("paddingTop") - field.scrollTop;
  let line = 0, at = 0;
  for (const paragraph of value.split("\n")) {
    let lineStart = 0;
    for (const word of paragraph.matchAll(/\S+/g)) {
      const end = word.index + word[0].length, length = wide(paragraph.slice(lineStart, end));
      if (Math.abs(length - room) < 0.04 * room || wide(word[0]) > room) return null;
      if (length > room) { line += 1; lineStart = word.index; }
      const x = left + wide(paragraph.slice(lineStart, word.index));
      words.push([at + word.index, at + end, [[x - 4, top + line * tall - 3, wide(word[0]) + 8, tall + 6]]]);
    }
    at += paragraph.length + 1;
    line += 1;
  }
  return words;
};

const fields = () => everywhere("input,textarea,select").flatMap((field) => {
  const rect = field.getBoundingClientRect(), type = (field.type || "").toLowerCase();
  if (!seen(rect) || /^(hidden|checkbox|radio|file|image|range|color)$/.test(type)) return [];
  const text = field.tagName === "SELECT" ? [...field.selectedOptions].map((o) => o.text).join(" ") : field.value;
  if (!text) return [];
  const words = /^(button|submit|reset)$/.test(type) || field.tagName === "SELECT" ? null : measured(field, text);
  return [{ text, rect: box(rect), words, secret: type === "password" }];
});

// Whether a style sheet prints text of its own that can hold something private. One that can't be read may.
const printing = (rules) => [...rules].some((rule) =>
  /[\d@]|attr\(|var\(/.test(rule.style?.content || "") || (rule.cssRules && printing(rule.cssRules)) || (rule.styleSheet && sheet(rule.styleSheet)));
const sheet = (one) => { try { return printing(one.cssRules); } catch { return true; } };
const prints = (root) => [...(root.styleSheets || []), ...(root.adoptedStyleSheets || [])].some(sheet);

// What is written neither in a text nor in a field: pictures that didn't load, empty fields' hints, text that style sheets print.
const asides = () => {
  const found = [];
  for (const image of everywhere("img")) if (!image.naturalWidth && image.alt) found.push([image.alt, image]);
  for (const field of everywhere("[placeholder]")) if (!field.value) found.push([field.placeholder, field]);
  if (places.some(prints)) for (const element of everywhere("*"))
    for (const place of ["::before", "::after"]) {
      const content = getComputedStyle(element, place).content;
      if (content && content.length > 4 && content !== "none" && content !== "normal") found.push([content, element]);
    }
  return found.map(([text, element]) => ({ text, rect: element.getBoundingClientRect() })).filter(({ rect }) => seen(rect))
    .map(({ text, rect }) => ({ text, rect: box(rect), words: null, secret: false }));
};

const offset = () => {
  let x = 0, y = 0;
  for (let view = window; view !== view.parent; view = view.parent) {
    let frame = null;
    try { frame = view.frameElement; } catch { frame = null; }
    if (!frame) return null;
    const rect = frame.getBoundingClientRect(), style = frame.ownerDocument.defaultView.getComputedStyle(frame);
    x += rect.left + frame.clientLeft + parseFloat(style.paddingLeft);
    y += rect.top + frame.clientTop + parseFloat(style.paddingTop);
  }
  return [x, y];
};

const controls = () => {
  const whole = [], rows = [];
  for (const root of places) for (const control of PRIVATE) for (const element of find(control, root)) {
    const rect = element.getBoundingClientRect();
    if (!seen(rect)) continue;
    const row = element.closest("tr,li") || element;
    if (control.many) rows.push({ rect: box(rect), text: row.innerText, header: !!row.querySelector("th") && !row.querySelector("td") });
    else if (element.value !== "" || element.textContent) whole.push(box(rect));
  }
  return { whole, rows };
};

// One string travels faster than a tree. Old libraries give arrays a toJSON of their own, which JSON.stringify would follow.
const told = (value) => {
  if (Array.isArray(value)) return `[${value.map(told).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  return `{${Object.keys(value).map((key) => `${JSON.stringify(key)}:${told(value[key])}`).join(",")}}`;
};
return told({ texts: places.flatMap(texts), fields: [...fields(), ...asides()], ...controls(), offset: offset() });
