// SPDX-License-Identifier: Apache-2.0
import type { Summary } from './api';
import { asCount, asDollars } from './texts';

const ORDER = ['High Spenders', 'Medium Spenders', 'Low Spenders'];

export function Metrics({ summary }: { summary: Summary }) {
  const customers = (status: string) => summary.spenders.find((each) => each.status === status)?.customers ?? '0';
  return (
    <dl className="metrics" aria-label="Metrics">
      {ORDER.map((status) => (
        <div key={status} className={`card metric ${status.split(' ')[0]!.toLowerCase()}`}>
          <dt>{status}</dt>
          <dd>{asCount(customers(status))}</dd>
        </div>
      ))}
      <div className="card metric spent">
        <dt>Total Spent</dt>
        <dd>{asDollars(summary.total_spent)}</dd>
      </div>
    </dl>
  );
}
