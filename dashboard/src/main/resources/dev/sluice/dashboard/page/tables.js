// A table that can be sorted by its header's buttons, and whose rows stay the same elements.

import { element, setAttribute } from "./elements.js";

/**
 * Columns are {key, label, value(row) to sort by, fill(cell, row, now), number, first: "ascending"}.
 * A column without value cannot be sorted by.
 */
export class Table {
  constructor(caption, columns, id, sortedBy, decorate = () => {}) {
    this.columns = columns;
    this.id = id;
    this.decorate = decorate;
    this.key = sortedBy;
    this.descending = true;
    this.rows = new Map();
    this.body = element("tbody");
    this.heads = new Map();
    const head = element("tr");
    for (const column of columns) head.append(this.header(column));
    this.element = element(
      "div",
      { class: "scroller" },
      element("table", {}, element("caption", { class: "hidden" }, caption), element("thead", {}, head), this.body),
    );
    this.markSorted();
  }

  header(column) {
    const cell = element("th", { scope: "col", class: column.number ? "number" : null });
    if (column.value) {
      cell.append(element("button", { type: "button", click: () => this.sortBy(column) }, column.label));
      this.heads.set(column.key, cell);
    } else {
      cell.append(column.label);
    }
    return cell;
  }

  sortBy(column) {
    this.descending = this.key === column.key ? !this.descending : Boolean(column.number);
    this.key = column.key;
    this.markSorted();
    this.arrange(true);
  }

  markSorted() {
    for (const [key, cell] of this.heads) {
      const how = key === this.key ? (this.descending ? "descending" : "ascending") : "none";
      setAttribute(cell, "aria-sort", how);
    }
  }

  show(list, now) {
    const seen = new Set();
    for (const data of list) {
      const id = this.id(data);
      seen.add(id);
      let row = this.rows.get(id);
      if (!row) {
        row = { cells: this.columns.map((column) => this.cell(column)) };
        row.element = element("tr", {}, ...row.cells);
        this.rows.set(id, row);
        this.body.append(row.element);
      }
      row.data = data;
      this.columns.forEach((column, index) => column.fill(row.cells[index], data, now));
      this.decorate(row.element, data);
    }
    for (const [id, row] of this.rows) {
      if (!seen.has(id)) {
        row.element.remove();
        this.rows.delete(id);
      }
    }
    this.arrange(false);
  }

  cell(column) {
    return element("td", { "data-label": column.label, class: `${column.number ? "number " : ""}col-${column.key}` });
  }

  /** Rows do not move under a hand or a focus that is about to press something there. */
  arrange(asked) {
    if (!asked && (this.body.matches(":hover") || this.body.contains(document.activeElement))) return;
    const column = this.columns.find((each) => each.key === this.key);
    const sign = this.descending ? -1 : 1;
    const order = [...this.rows.values()].sort((a, b) => {
      const x = column.value(a.data);
      const y = column.value(b.data);
      return sign * (x < y ? -1 : x > y ? 1 : 0);
    });
    order.forEach((row, index) => {
      const there = this.body.children[index];
      if (there !== row.element) this.body.insertBefore(row.element, there);
    });
  }
}
