// SPDX-License-Identifier: Apache-2.0
import type { Summary } from './api';
import { PROMOTIONS, asName, noSpenders } from './texts';

export function Promotions({ summary, status }: { summary: Summary; status: string }) {
  const { credit, spend } = PROMOTIONS[status]!;
  return (
    <section aria-labelledby="promotions" className="promotions">
      <h2 id="promotions">Promotions</h2>
      {Number(summary.rows) === 0 ? (
        <p role="status">{noSpenders(status)}</p>
      ) : (
        <p className="notice offer" role="status">
          <strong>Exclusive promotion for our {status.toLowerCase()}:</strong> <strong>${credit}</strong> credit for
          customers who spend <strong>${spend}</strong> at <strong>{asName(summary.favourite_merchant)}</strong> over a
          period of 6 months.
        </p>
      )}
    </section>
  );
}
