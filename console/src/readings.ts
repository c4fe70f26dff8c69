// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from 'react';

import { Failure, type Filters, type Page, type PageRequest, type Summary, fetchPage, fetchSummary } from './api';

export interface Readings {
  summary?: Summary;
  page?: Page;
  failure?: Failure;
  loading: boolean;
  /** When the newest answer came. */
  at_ms: number;
  reload: () => void;
  /** The server says that this version is there: reads it where it is not the one that was read. */
  readVersion: (version: string) => void;
}

/** Snapshots that follow each other closely are read once. */
const LEAST_APART_MS = 1000;
/** Typing and stepping through choices ask once. */
const SETTLE_MS = 120;

/**
 * What the server answers for the table and the filters, always of the newest question: an answer that
 * comes late for an older one is dropped. After a failure the last answers stay, beside it.
 */
export function useReadings(table: string, filters: Filters, request: PageRequest, onSignedOut: () => void): Readings {
  const [state, setState] = useState<Omit<Readings, 'reload' | 'readVersion'>>({ loading: true, at_ms: 0 });
  const [turn, setTurn] = useState(0);
  const last = useRef({ started: 0, timer: 0, table: '' });
  const told = useRef<string>(undefined);

  const reload = useCallback(() => {
    window.clearTimeout(last.current.timer);
    setTurn((before) => before + 1);
  }, []);
  const reloadSoon = useCallback(() => {
    window.clearTimeout(last.current.timer);
    last.current.timer = window.setTimeout(reload, Math.max(last.current.started + LEAST_APART_MS - Date.now(), 0));
  }, [reload]);

  const newest = useRef(state);
  newest.current = state;
  // What is being read now may be that version already.
  const compare = useCallback(() => {
    const { loading, summary, failure } = newest.current;
    if (loading || told.current === undefined) return;
    const version = told.current;
    told.current = undefined;
    if (failure !== undefined || summary === undefined || summary.version !== version) reloadSoon();
  }, [reloadSoon]);
  const readVersion = useCallback(
    (version: string) => {
      told.current = version;
      compare();
    },
    [compare],
  );
  useEffect(compare, [state, compare]);

  const asked = JSON.stringify({ table, filters, request });
  useEffect(() => {
    const abort = new AbortController();
    const isOther = last.current.table !== table;
    last.current.table = table;
    setState((before) => (isOther ? { loading: true, at_ms: 0 } : { ...before, loading: true }));
    const timer = window.setTimeout(() => {
      last.current.started = Date.now();
      Promise.all([
        fetchSummary(table, filters, abort.signal),
        fetchPage(table, filters, request, abort.signal),
      ]).then(
        ([summary, page]) => setState({ summary, page, loading: false, at_ms: Date.now() }),
        (failure: unknown) => {
          if (abort.signal.aborted || !(failure instanceof Failure)) return;
          abort.abort();
          if (failure.kind === 'signed_out') onSignedOut();
          setState((before) => ({ ...before, failure, loading: false }));
        },
      );
    }, SETTLE_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
    // The text stands for the three.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [asked, turn]);

  return { ...state, reload, readVersion };
}
