// SPDX-License-Identifier: Apache-2.0
import type { Page, PageRequest } from './api';
import { asCount } from './texts';

const NUMBERS = new Set(['CUSTOMER_AGE', 'AGE', 'QUANTITY', 'TOTAL_PRICE']);
const SIZES = [10, 25, 50, 100];

interface GridProps {
  page: Page;
  rows: number;
  request: PageRequest;
  onChange: (request: PageRequest) => void;
}

function sortState(request: PageRequest, column: string) {
  if (request.sort !== column) return 'none';
  return request.descending ? 'descending' : 'ascending';
}

function Pager({ rows, request, onChange }: Omit<GridProps, 'page'>) {
  const last = Math.max(Math.ceil(rows / request.limit) - 1, 0) * request.limit;
  const go = (offset: number) => onChange({ ...request, offset: Math.min(Math.max(offset, 0), last) });
  const isFirst = request.offset === 0;
  const isLast = request.offset >= last;
  return (
    <nav className="pager" aria-label="Pages of purchases">
      <span role="status">
        {asCount(request.offset + 1)}–{asCount(Math.min(request.offset + request.limit, rows))} of {asCount(rows)}
      </span>
      <label>
        Rows
        <select value={request.limit} onChange={(event) => onChange({ ...request, limit: Number(event.target.value), offset: 0 })}>
          {SIZES.map((size) => <option key={size}>{size}</option>)}
        </select>
      </label>
      <button type="button" onClick={() => go(0)} disabled={isFirst}>First</button>
      <button type="button" onClick={() => go(request.offset - request.limit)} disabled={isFirst}>Previous</button>
      <button type="button" onClick={() => go(request.offset + request.limit)} disabled={isLast}>Next</button>
      <button type="button" onClick={() => go(last)} disabled={isLast}>Last</button>
    </nav>
  );
}

export function Grid({ page, rows, request, onChange }: GridProps) {
  const sortBy = (column: string) => {
    const again = request.sort === column;
    onChange({ ...request, sort: column, descending: again && !request.descending, offset: 0 });
  };
  return (
    <section className="card grid" aria-labelledby="purchases">
      <div className="card-head">
        <h2 id="purchases">Purchases</h2>
        <Pager rows={rows} request={request} onChange={onChange} />
      </div>
      <div className="scroll" tabIndex={0} role="region" aria-labelledby="purchases">
        <table aria-rowcount={rows}>
          <thead>
            <tr>
              {page.columns.map((column) => (
                <th key={column} scope="col" aria-sort={sortState(request, column)} className={NUMBERS.has(column) ? 'number' : ''}>
                  <button type="button" onClick={() => sortBy(column)}>
                    {column}
                    <span aria-hidden="true" className="arrow">
                      {{ none: '', ascending: '▲', descending: '▼' }[sortState(request, column)]}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {page.rows.map((row, index) => (
              <tr key={index} aria-rowindex={request.offset + index + 1}>
                {row.map((value, column) => (
                  <td key={column} className={NUMBERS.has(page.columns[column]!) ? 'number' : ''}>
                    {value ?? <span className="quiet">NULL</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
