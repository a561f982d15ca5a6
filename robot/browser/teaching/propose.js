// Say of an element that a person pointed at everything by which it could be found again. Pure reading.
// `kind`: usar (something to click), campo (something to fill), leer (a text that changes), fijo (a text that doesn't),
// caja (a box), tabla (a list), columna (one cell of a list).
(pointed, kind) => {
  const plain = (text) => (text || "").replace(/\s+/g, " ").trim();
  const shown = (node) => plain(node.innerText ?? node.textContent);
  const quoted = (text) => JSON.stringify(text);
  const name = (node) => CSS.escape(node.localName);
  const FIELD = "input:not([type=hidden]):not([type=button]):not([type=submit]):not([type=image]):not([type=reset]), select, textarea, [contenteditable=true], [role=combobox], [role=textbox], [role=searchbox]";
  const USED = "button, a, input[type=button], input[type=submit], input[type=image], input[type=reset], area, summary,"
    + " [role=button], [role=link], [role=menuitem], [role=option], [role=tab], [onclick]";
  const CELL = "td, th, dd, dt, [role=cell], [role=gridcell]";

  // The element that the person means: a click lands on the letters or the picture inside it.
  const meant = () => {
    const label = pointed.closest("label");
    if (kind === "campo") {
      const inside = pointed.closest(FIELD) || label?.control || (label && label.querySelector(FIELD));
      if (inside) return inside;
      const within = (pointed.closest(CELL) || pointed).querySelectorAll(FIELD);
      return within.length === 1 ? within[0] : null;
    }
    if (kind === "usar" || kind === "fijo") {
      const used = pointed.closest(USED);
      if (used) return used;
      // A menu often is a cell or a list item with a script: the smallest element whose words these are.
      if (kind === "usar" && !shown(pointed)) return pointed.closest("[title], [alt], [aria-label]") || pointed;
      return pointed;
    }
    if (kind === "caja") return pointed.closest("dialog, [role=dialog], [role=alertdialog]") || pointed;
    if (kind === "tabla") return pointed.closest("table, [role=table], [role=grid]");
    if (kind === "columna") return pointed.closest(USED) || pointed.closest(CELL) || pointed;
    // A value in bold is its cell's or its output's value.
    let whole = pointed;
    while (whole.parentElement && whole.parentElement !== document.body && shown(whole) === shown(whole.parentElement)
      && !whole.matches("output, [role=status], [role=alert], [aria-label]") && !whole.matches(CELL)
      && getComputedStyle(whole).display.startsWith("inline")) whole = whole.parentElement;
    const spoken = whole.closest("output, [role=status], [role=alert]");
    return spoken && shown(spoken) === shown(whole) ? spoken : whole;
  };

  const path = (node) => {
    const parts = [];
    for (let at = node; at; ) {
      const up = at.parentElement;
      parts.unshift(at === document.documentElement ? "html" : at === document.body ? "body" : `${name(at)}:nth-child(${place(at)})`);
      const root = at.getRootNode();
      if (!up && root instanceof ShadowRoot) return `${path(root.host)} ${parts.join(" > ")}`;
      at = up;
    }
    return parts.join(" > ");
  };
  const place = (node) => [...(node.parentNode?.children || [node])].indexOf(node) + 1;

  // The smallest element that has a caption as its whole text, as CSS seen from `holder` outwards.
  const holding = (holder) => {
    const text = shown(holder);
    if (!text || text.length > 80 || holder.querySelector(FIELD) || holder.matches(USED)) return null;
    let leaf = holder;
    for (let child; (child = [...leaf.children].find((one) => shown(one) === text)); ) leaf = child;
    const own = `${name(leaf)}:text-is(${quoted(text)})`;
    return { text, css: leaf === holder ? own : `${name(holder)}:has(${own})` };
  };

  const leafOf = (node) => {
    const type = node.localName === "input" ? `[type=${quoted(node.type)}]` : "";
    // `type` may be left out in the page where the browser takes it for text.
    const written = node.localName === "input" && !node.hasAttribute("type") ? ":not([type])" : type;
    return name(node) + written;
  };

  const captions = (node) => {
    const found = [];
    const leaf = leafOf(node);
    const add = (text, css, rule) => { if (!found.some((one) => one.css === css)) found.push({ text, css, rule }); };
    const cell = node.closest("td, th, dd");
    if (cell && cell.parentElement) {
      const inner = cell === node ? "" : ` ${leaf}`;
      const before = cell.previousElementSibling;
      const caption = before && holding(before);
      if (caption) {
        add(caption.text, `${caption.css} + ${name(cell)}${inner}`, "junto a");
        if (inner) add(caption.text, `tr:has(> ${caption.css})${inner}`, "en la fila de");
      }
      const row = cell.parentElement;
      const first = row.firstElementChild !== cell && row.firstElementChild ? holding(row.firstElementChild) : null;
      if (first && inner) add(first.text, `tr:has(> ${first.css})${inner}`, "en la fila de");
      if (first && !inner) add(first.text, `tr:has(> ${first.css}) > ${name(cell)}:nth-child(${place(cell)})`, "en la fila de");
      const above = row.previousElementSibling?.children[place(cell) - 1];
      const heading = above && holding(above);
      if (heading)
        add(heading.text, `tr:has(> ${heading.css}:nth-child(${place(cell)})) + tr > ${name(cell)}:nth-child(${place(cell)})${inner}`, "debajo de");
    }
    for (let at = node, steps = 0; at && steps < 3 && at !== document.body; at = at.parentElement, steps += 1) {
      const inner = at === node ? "" : ` ${leaf}`;
      const before = at.previousElementSibling;
      const caption = before && !before.matches("td, th, tr, table") && holding(before);
      if (caption) add(caption.text, `${caption.css} + ${inner ? name(at) : leaf}${inner}`, "junto a");
      // Words that stand in the same element, right before: <td>Código: <input></td>.
      const words = [];
      for (let near = at.previousSibling; near && near.nodeType !== Node.ELEMENT_NODE; near = near.previousSibling)
        if (near.nodeType === Node.TEXT_NODE) words.unshift(near.data);
      const text = plain(words.join(""));
      const parent = at.parentElement;
      if (text && text.length < 80 && parent && at === node)
        add(text, `${name(parent)}:text-is(${quoted(text)}) > ${leaf}`, "después de");
    }
    return found;
  };

  // Named things around it, innermost first: they tell two equal captions apart.
  const sections = (node) => {
    const found = [];
    for (let at = node.parentElement; at && at !== document.documentElement; at = at.parentElement) {
      const legend = at.localName === "fieldset" && at.querySelector(":scope > legend");
      const caption = at.localName === "table" && (at.caption || null);
      const title = legend || caption;
      if (title && shown(title)) found.push(`${name(at)}:has(> ${title.localName}:text-is(${quoted(shown(title))}))`);
      if (at.localName === "table" && !caption && at.rows[0] && at.rows[0].cells.length === 1) {
        const head = holding(at.rows[0].cells[0]);
        const body = at.rows[0].parentElement;
        if (head) found.push(`table:has(> ${name(body)} > tr:first-child > ${head.css})`);
      }
    }
    return found;
  };

  // A class that a style sheet of the site names is the programmer's word; one made up at each load stands in the page.
  const named = (one) => /^[a-z]+([-_][a-z]+)*$/i.test(one) && [...document.styleSheets].some((sheet) => {
    try {
      return sheet.href && [...sheet.cssRules].some((rule) => new RegExp(`\\.${one}(?![\\w-])`).test(rule.selectorText || ""));
    } catch { return false; /* a sheet of another site */ }
  });

  const attributes = (node) => {
    const found = [];
    const tag = name(node);
    const add = (attribute, value, certain) => {
      if (value && value.length < 90) found.push({ css: `${tag}[${attribute}=${quoted(value)}]`, token: certain ? "" : `${attribute}=${value}` });
    };
    for (const attribute of ["alt", "title", "aria-label"]) add(attribute, node.getAttribute(attribute), true);
    if (/^(submit|button|reset)$/.test(node.type || "")) add("value", node.getAttribute("value"), true);
    add("name", node.getAttribute("name"));
    add("href", node.getAttribute("href"));
    if (node.localName !== "iframe") add("src", node.getAttribute("src"));
    const image = node.querySelector("img[alt], img[title]");
    if (image && !shown(node)) {
      const attribute = image.getAttribute("alt") ? "alt" : "title";
      const value = image.getAttribute(attribute);
      if (value) found.push({ css: `${tag}:has(> img[${attribute}=${quoted(value)}])`, token: "" });
    }
    for (const one of node.classList) found.push({ css: `${tag}.${CSS.escape(one)}`, token: `class=${one}`, named: named(one) });
    if (node.type === "password") found.push({ css: leafOf(node), token: "" });
    return found;
  };

  // The column of a list where a cell stands: its table, the row rule that leaves headings, pagers and «no hay» out.
  const column = (node) => {
    const cell = node.closest("td, th, [role=cell], [role=gridcell]");
    const row = cell?.parentElement?.closest("tr, [role=row]");
    const table = row?.closest("table, [role=table], [role=grid]");
    if (!table) return null;
    const last = row.children.length;
    const number = place(cell);
    const heads = [...table.querySelectorAll("tr, [role=row]")].filter((one) => one !== row && one.closest("table, [role=table], [role=grid]") === table);
    const head = heads.find((one) => one.children.length === last && one !== row && !(one.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_PRECEDING));
    const real = row.localName === "tr";
    const rows = real ? "tr" : "[role=row]";
    let rule = `${rows}:has(> ${name(cell)}:nth-child(${last}))`;
    const headed = head && head.children[number - 1];
    const heading = headed && (head.querySelector("th, [role=columnheader]") || /(head|cab|enc|tit)/i.test(head.className + head.parentElement.className) || head === heads[0]) ? shown(headed) : "";
    if (head && heading && headed.localName === cell.localName) {
      const first = [...head.children].find((one) => shown(one));
      const has = holding(first);
      if (has) rule += `:not(:has(> ${has.css}))`;
    }
    const inner = cell === node ? "" : ` ${name(node)}`;
    const tables = [];
    if (heading) {
      const has = holding(headed) || { css: `${name(headed)}:text-is(${quoted(heading)})` };
      const group = headed.parentElement.parentElement;
      const between = group === table ? "" : `> ${name(group)} `;
      const other = [...head.children].find((one) => one !== headed && shown(one));
      const also = other && holding(other);
      tables.push(`${name(table)}:has(${between}> ${real ? "tr" : "[role=row]"} > ${has.css})`);
      if (also) tables.push(`${tables[0]}:has(${between}> ${real ? "tr" : "[role=row]"} > ${also.css})`);
    }
    tables.push(...sections(cell).filter((one) => one.startsWith("table:")));
    tables.push(...attributes(table).filter((one) => !one.token).map((one) => one.css));
    return { path: path(table), rows: `${rows}:has(> ${name(cell)})`, cells: `${rule} > ${name(cell)}:nth-child(${number})${inner}`, tables, number, heading };
  };

  // A cell of the widest row: headings and messages may have fewer.
  const cellOf = (table) => {
    const rows = [...table.querySelectorAll("tr, [role=row]")].filter((one) => one.closest("table, [role=table], [role=grid]") === table);
    const widest = rows.reduce((most, one) => (one.children.length >= most.children.length ? one : most), rows[0]);
    return widest?.firstElementChild || table;
  };

  const node = meant();
  if (!node) return null;
  const outer = [];
  for (let at = node.parentElement; at && at !== document.body && outer.length < 6; at = at.parentElement)
    if (at.matches("dialog, fieldset, form, section, table, [role=dialog], [role=alertdialog], [role=group], [role=region], [role=form], [role=table]"))
      outer.push(path(at));
  const labels = [...(node.labels || [])].map((one) => shown(one)).filter((text) => text && text.length < 90);
  return {
    path: path(node), tag: node.localName, type: node.type || "", text: shown(node), options: node.options ? [...node.options].map((one) => plain(one.text)) : [],
    value: "value" in node ? String(node.value) : "",
    labels, placeholder: node.getAttribute("placeholder") || "", testId: node.getAttribute("data-testid") || "", id: node.id || "",
    attributes: attributes(node), captions: captions(node), sections: sections(node), outer,
    column: kind === "columna" ? column(node) : kind === "tabla" ? column(cellOf(node)) : null,
    editable: node.matches(FIELD), disabled: node.matches(":disabled"),
  };
}
