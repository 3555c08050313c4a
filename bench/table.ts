/** One column: its title and what stands in it. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
}

/** Rows as text, columns aligned to the right. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map((column) => column.title), ...rows.map((row) => columns.map((column) => column.text(row)))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines.map((line) => line.map((cell, i) => cell.padStart(widths[i] ?? 0)).join("  ")).join("\n");
}

/** Rows as a Markdown table. */
export function markdownTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const head = [line(columns.map((column) => column.title)), line(columns.map(() => "--:"))];
  return [...head, ...rows.map((row) => line(columns.map((column) => column.text(row))))].join("\n");
}

/** A number with as many digits as it deserves: 0.42, 4.2, 42. */
export function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
