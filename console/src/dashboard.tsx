// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useState } from 'react';

import { type Account, type Filters, type PageRequest, type Summary, whoami } from './api';
import { Charts } from './charts';
import { FailureNote } from './failure_note';
import { Grid } from './grid';
import { type Connection, useLive } from './live';
import { Logo } from './logo';
import { Metrics } from './metrics';
import { useReadings } from './readings';
import { Sidebar } from './sidebar';
import { TableChoice } from './table_choice';
import { NO_DATA, asClock, asCount, noPurchases } from './texts';

const FIRST_PAGE: PageRequest = { sort: '', descending: false, offset: 0, limit: 10 };

function tableOfUrl(): string | null {
  return new URLSearchParams(window.location.search).get('table');
}

const CONNECTIONS: Record<Connection, string> = {
  connecting: 'Connecting…', live: 'Live', lost: 'Connection lost. Reconnecting…', paused: 'Paused',
};

function Freshness({ summary, connection, at_ms }: { summary?: Summary; connection: Connection; at_ms: number }) {
  return (
    <p className="freshness">
      <span className={`badge ${connection}`} role="status" data-testid="connection">{CONNECTIONS[connection]}</span>
      {summary && (
        <span className="quiet">
          {summary.published_ms > 0 && <>Data as of <time>{asClock(summary.published_ms)}</time> · </>}
          read at <time>{asClock(at_ms)}</time>
        </span>
      )}
    </p>
  );
}

interface DashboardProps {
  account: Account;
  onLeave: () => void;
  onSignedOut: () => void;
}

export function Dashboard({ account, onLeave, onSignedOut }: DashboardProps) {
  const [table, setTable] = useState(tableOfUrl() ?? account.table);
  const [filters, setFilters] = useState<Filters>({});
  const [request, setRequest] = useState(FIRST_PAGE);
  const { summary, page, failure, loading, at_ms, reload, readVersion } = useReadings(table, filters, request, onSignedOut);

  // Events do not say why they ended: the session may be over.
  const onLost = useCallback(() => {
    whoami().catch((lost: { kind: string }) => {
      if (lost.kind === 'signed_out') onSignedOut();
    });
  }, [onSignedOut]);
  const connection = useLive(table, readVersion, onLost);

  useEffect(() => {
    const onBack = () => setTable(tableOfUrl() ?? account.table);
    window.addEventListener('popstate', onBack);
    return () => window.removeEventListener('popstate', onBack);
  }, [account.table]);

  const changeFilters = useCallback((next: Filters) => {
    setFilters(next);
    setRequest((before) => ({ ...before, offset: 0 }));
  }, []);
  const changeTable = useCallback((next: string) => {
    window.history.pushState(null, '', `?${new URLSearchParams({ table: next })}`);
    setFilters({});
    setRequest(FIRST_PAGE);
    setTable(next);
  }, []);

  const rows = Number(summary?.rows ?? 0);
  const stale = failure !== undefined || connection === 'lost';
  return (
    <div className="frame">
      <a className="skip" href="#content">Skip to the data</a>
      <Sidebar table={table} summary={summary} filters={filters} loading={loading} onChange={changeFilters} onRefresh={reload} />
      <main id="content" tabIndex={-1} className={stale ? 'stale' : ''} aria-busy={loading}>
        <header className="top">
          <div>
            <h1>Customer Purchase Summary</h1>
            <TableChoice table={table} shown={summary?.table} onChange={changeTable} />
          </div>
          <div className="top-right">
            <div className="who">
              <Logo />
              <span className="quiet"><strong>{account.user}</strong> as {account.role}</span>
              <button type="button" onClick={onLeave}>Sign out</button>
            </div>
            <Freshness summary={summary} connection={connection} at_ms={at_ms} />
          </div>
        </header>
        {failure && <FailureNote failure={failure} table={table} role={account.role} onRetry={reload} />}
        {!summary && !failure && <p className="quiet" role="status">Loading…</p>}
        {summary && (
          <>
            <p className="hidden-text" role="status">{`${asCount(rows)} transactions are shown.`}</p>
            {filters.customer !== undefined && Number(summary.purchases) === 0 && (
              <p className="notice" role="status">{noPurchases(filters.customer)}</p>
            )}
            <Metrics summary={summary} />
            {rows === 0 ? (
              <p className="card empty" role="status">{NO_DATA}</p>
            ) : (
              <>
                <Charts summary={summary} />
                {page && <Grid page={page} rows={rows} request={request} onChange={setRequest} />}
              </>
            )}
          </>
        )}
      </main>
    </div>
  );
}
