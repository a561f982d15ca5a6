// List the attributes of a document that a program may have made up, to see which are the same at the next visit.
() => {
  const found = new Set();
  for (const node of document.querySelectorAll("[id], [name], [class], [href], [src], [title]")) {
    for (const attribute of ["id", "name", "href", "src", "title"]) {
      const value = node.getAttribute(attribute);
      if (value && value.length < 90) found.add(`${attribute}=${value}`);
    }
    for (const one of node.classList) found.add(`class=${one}`);
  }
  return { visit: String(performance.timeOrigin), tokens: [...found].slice(0, 6000) };
}
