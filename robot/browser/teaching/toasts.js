// Note what shows with a digit in it from now on: a message that is gone again before anybody can point at it.
() => {
  const plain = (text) => (text || "").replace(/\s+/g, " ").trim();
  const quoted = (text) => JSON.stringify(text);
  const visible = (node) => node.getClientRects().length && getComputedStyle(node).visibility === "visible";
  const alone = (css) => [...document.querySelectorAll(css)].filter(visible).length === 1;
  const named = (one) => /^[a-z]+([-_][a-z]+)*$/i.test(one) && [...document.styleSheets].some((sheet) => {
    try { return sheet.href && [...sheet.cssRules].some((rule) => (rule.selectorText || "").includes(`.${one}`)); } catch { return false; }
  });
  const seen = window.__serviweb_toasts = [];
  const ways = (node) => {
    const found = [];
    const role = node.getAttribute("role") || (node.localName === "output" ? "status" : "");
    const own = role ? (node.hasAttribute("role") ? `[role=${quoted(role)}]` : "output") : "";
    const label = node.getAttribute("aria-label");
    if (own && label) found.push(`${own}[aria-label=${quoted(label)}]`);
    if (node.dataset.testid) found.push(`[data-testid=${quoted(node.dataset.testid)}]`);
    const around = node.parentElement?.closest("[aria-label]");
    if (own && around) found.push(`${around.localName}[aria-label=${quoted(around.getAttribute("aria-label"))}] ${own}`);
    if (own) found.push(own);
    for (const one of node.classList) if (named(one)) found.push(`${node.localName}.${CSS.escape(one)}`);
    return found.filter(alone);
  };
  const note = (node) => {
    for (let at = node; at && at !== document.body; at = at.parentElement) {
      const text = plain(at.innerText);
      if (!/\d/.test(text) || text.length > 160 || !visible(at)) { if (text.length > 160) return; continue; }
      if (at.closest("table, [role=table], [role=grid]")) continue;
      if (at.querySelector("button, input") && !at.matches("[role=status], [role=alert]")) continue;  // a box, no message
      const css = ways(at)[0];
      if (css && !seen.some((one) => one.css === css && one.text === text)) seen.push({ css, text, node: at });
    }
  };
  const observer = new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      const nodes = addedNodes.length ? [...addedNodes] : [target];
      for (const one of nodes) {
        const element = one.nodeType === Node.ELEMENT_NODE ? one : one.parentElement;
        if (!element) continue;
        note(element);
        for (const inner of element.querySelectorAll?.("[role], output, [class]") || []) note(inner);
      }
    }
  });
  observer.observe(document.documentElement, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["hidden", "class", "style"] });
  setTimeout(() => observer.disconnect(), 60000);
}
