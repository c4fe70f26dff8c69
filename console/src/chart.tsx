// SPDX-License-Identifier: Apache-2.0
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { View, type Item, Warn, parse } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { type TopLevelSpec, compile } from 'vega-lite';

import { asName } from './texts';
import { configOf, paletteOf, usePrefersDark } from './theme';

export type Row = Record<string, string | number | null>;

export interface Column {
  field: string;
  title: string;
  /** How a value is written in the table. */
  write?: (value: string | number | null) => string;
}

interface ChartProps {
  title: string;
  /** For those who do not see it. */
  description: string;
  /** All but its data, whose name is "rows". */
  spec: object;
  rows: Row[];
  columns: Column[];
  note?: string;
  className?: string;
  /** It may be moved and zoomed, and so moved back. */
  zooms?: boolean;
}

/** Shows what the mark's channel "tooltip" has beside the mouse. */
function showTooltip(tip: HTMLElement, event: MouseEvent, value: unknown) {
  if (value === null || value === undefined || value === '') {
    tip.hidden = true;
    return;
  }
  tip.replaceChildren(
    ...Object.entries(value as Record<string, string>).map(([name, text]) => {
      const line = document.createElement('div');
      const label = document.createElement('span');
      label.textContent = name;
      line.append(label, ` ${text}`);
      return line;
    }),
  );
  tip.hidden = false;
  const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  tip.style.left = `${left}px`;
  tip.style.top = `${Math.max(event.clientY - tip.offsetHeight - 10, 8)}px`;
}

/** A chart of Vega-Lite, drawn without code made at run time, beside a table of what it shows. */
export function Chart({ title, description, spec, rows, columns, note, className = '', zooms }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const view = useRef<View>(undefined);
  const newest = useRef(rows);
  newest.current = rows;
  const [asTable, setAsTable] = useState(false);
  const [drawn, setDrawn] = useState(0);
  const prefersDark = usePrefersDark();
  const id = useId();

  useEffect(() => {
    if (asTable) return;
    const whole = {
      ...spec, description, data: { name: 'rows', values: newest.current.map((row) => ({ ...row })) },
      width: 'container', height: 250, autosize: { type: 'fit', contains: 'padding' },
      config: configOf(paletteOf(prefersDark)),
    } as unknown as TopLevelSpec;
    const runtime = parse(compile(whole).spec, undefined, { ast: true });
    const made = new View(runtime, { expr: expressionInterpreter, renderer: 'svg', container: place.current!, hover: true, logLevel: Warn });
    made.tooltip((_handler: unknown, event: MouseEvent, _item: Item, value: unknown) => {
      if (tip.current) showTooltip(tip.current, event, value);
    });
    view.current = made;
    void made.runAsync();
    return () => {
      view.current = undefined;
      made.finalize();
    };
  }, [spec, description, prefersDark, asTable, drawn]);

  // New rows leave what was moved and zoomed as it is.
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    void view.current?.data('rows', rows.map((row) => ({ ...row }))).runAsync();
  }, [rows]);

  const table = useMemo(
    () => (
      <div className="scroll" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
        <table>
          <caption className="hidden-text">{title}</caption>
          <thead><tr>{columns.map((column) => <th key={column.field} scope="col">{column.title}</th>)}</tr></thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {columns.map(({ field, write }) => (
                  <td key={field} className={write ? 'number' : ''}>
                    {write ? write(row[field] ?? null) : asName(row[field] as string | null)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    ),
    [rows, columns, title],
  );

  return (
    <section className={`card chart ${className}`} aria-labelledby={id} data-chart={title}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        <span>
          {zooms && !asTable && <button type="button" className="link" onClick={() => setDrawn(drawn + 1)}>Reset view</button>}
          <button type="button" className="link" aria-label={asTable ? 'Show as chart' : 'Show as table'} onClick={() => setAsTable(!asTable)}>
            {asTable ? 'Chart' : 'Table'}
          </button>
        </span>
      </div>
      {note && <p className="quiet small">{note}</p>}
      {asTable ? table : <div ref={place} className="plot" />}
      <div ref={tip} className="tip" hidden />
    </section>
  );
}
