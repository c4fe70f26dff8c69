// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'react';

import { eventsUrl } from './api';

export type Connection = 'connecting' | 'live' | 'lost' | 'paused';

const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 8000;
/** The server lets nothing pass for at most 15 seconds. */
const SILENCE_MS = 40_000;

/**
 * Listens for new snapshots of the table, and connects again by itself. A page that nobody sees does not
 * listen: browsers have six connections for each server.
 */
export function useLive(table: string, onVersion: (version: string) => void, onLost: () => void): Connection {
  const [connection, setConnection] = useState<Connection>('connecting');
  const handlers = useRef({ onVersion, onLost });
  handlers.current = { onVersion, onLost };

  useEffect(() => {
    let source: EventSource | undefined;
    let retry: number | undefined;
    let silence: number | undefined;
    let failures = 0;

    const close = () => {
      source?.close();
      source = undefined;
      window.clearTimeout(retry);
      window.clearTimeout(silence);
    };
    const lose = () => {
      close();
      setConnection('lost');
      handlers.current.onLost();
      retry = window.setTimeout(open, Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MOST_MS));
      failures += 1;
    };
    const hear = () => {
      failures = 0;
      setConnection('live');
      window.clearTimeout(silence);
      silence = window.setTimeout(lose, SILENCE_MS);
    };
    function open() {
      close();
      source = new EventSource(eventsUrl(table));
      source.addEventListener('snapshot', (event) => {
        hear();
        handlers.current.onVersion((JSON.parse((event as MessageEvent<string>).data) as { version: string }).version);
      });
      source.addEventListener('beat', hear);
      source.addEventListener('signed_out', lose);
      source.onerror = lose;
    }
    const onVisibility = () => {
      if (document.visibilityState === 'visible') {
        if (source === undefined) open();
      } else {
        close();
        setConnection('paused');
      }
    };

    setConnection('connecting');
    open();
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      close();
    };
  }, [table]);
  return connection;
}
