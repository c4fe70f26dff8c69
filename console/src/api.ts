// SPDX-License-Identifier: Apache-2.0
// What the server answers. Numbers are texts, exactly as SQL gives them.

export interface Account {
  user: string;
  role: string;
  table: string;
}

/** What is chosen; absent: "All", the earliest date, today. */
export interface Filters {
  spend_status?: string;
  age_group?: string;
  start?: string;
  end?: string;
  customer?: string;
  transaction_category?: string;
  product_category?: string;
}

export interface Summary {
  table: string;
  version: string;
  published_ms: number;
  earliest: string | null;
  today: string;
  start: string | null;
  end: string;
  start_too_early: boolean;
  end_in_future: boolean;
  table_rows: string;
  rows: string;
  purchases: string;
  total_spent: string;
  favourite_merchant: string | null;
  card_count: string;
  merchant_count: string;
  products: { name: string }[];
  spenders: { status: string; customers: string }[];
  days: { date: string; category: string | null; items: string | null }[];
  cards: { name: string | null; transactions: string }[];
  categories: { name: string | null; transactions: string }[];
  merchants: { name: string | null; transactions: string; total_price: string | null }[];
}

export interface PageRequest {
  sort: string;
  descending: boolean;
  offset: number;
  limit: number;
}

export interface Page {
  columns: string[];
  rows: (string | null)[][];
}

/** `kind` is the server's, or "gone" where it does not answer. */
export class Failure extends Error {
  constructor(readonly kind: string, message: string, readonly detail = '', readonly hint = '', readonly code = '') {
    super(message);
  }
}

const API = '/dashboard/api/';

async function call<T>(path: string, options: RequestInit): Promise<T> {
  let answer: Response;
  let body: { error?: { kind: string; message: string; detail: string; hint: string; code: string } };
  try {
    answer = await fetch(API + path, { ...options, credentials: 'same-origin' });
    body = await answer.json();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Failure('gone', 'the server does not answer');
  }
  if (answer.ok) return body as T;
  const { kind, message, detail, hint, code } = body.error ?? {
    kind: 'gone', message: `the server answered ${answer.status}`, detail: '', hint: '', code: '',
  };
  throw new Failure(kind, message, detail, hint, code);
}

function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return call<T>(path, {
    method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' }, signal,
  });
}

export const whoami = () => call<Account>('session', {});
export const signIn = (user: string, password: string, role: string) =>
  post<Account>('sign-in', { user, password, role });
export const signOut = () => post<unknown>('sign-out', {});
export const fetchSummary = (table: string, filters: Filters, signal: AbortSignal) =>
  post<Summary>('summary', { table, filters }, signal);
export const fetchPage = (table: string, filters: Filters, page: PageRequest, signal: AbortSignal) =>
  post<Page>('rows', { table, filters, page }, signal);
export const fetchCustomers = (table: string, begins: string, signal: AbortSignal) =>
  call<{ customers: string[] }>(`customers?${new URLSearchParams({ table, begins })}`, { signal });
export const eventsUrl = (table: string) => `${API}events?${new URLSearchParams({ table })}`;
