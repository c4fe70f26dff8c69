// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';

import type { Filters, Summary } from './api';
import { CustomerBox } from './customer_box';
import { Promotions } from './promotions';
import { AGE_GROUPS, END_IN_FUTURE, SPEND_STATUSES, TRANSACTION_CATEGORIES, startTooEarly } from './texts';

interface SelectProps {
  id: string;
  label: string;
  value: string | undefined;
  choices: readonly string[];
  onChange: (value: string | undefined) => void;
}

/** The first choice, "All", is none. */
function Select({ id, label, value, choices, onChange }: SelectProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">All</option>
        {choices.map((choice) => <option key={choice}>{choice}</option>)}
      </select>
    </div>
  );
}

interface DateFieldProps {
  id: string;
  label: string;
  value: string;
  warning: string;
  /** The newest answer: what was typed before it has been moved where it had to be. */
  answer: unknown;
  onChange: (value: string | undefined) => void;
}

/** While it is typed, a date is missing, or its year has fewer digits. */
const isWhole = (date: string) => Number(date.slice(0, 4)) >= 1000;

function DateField({ id, label, value, warning, answer, onChange }: DateFieldProps) {
  const [typed, setTyped] = useState<string>();
  useEffect(() => setTyped((before) => (before !== undefined && isWhole(before) ? undefined : before)), [answer]);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="date"
        value={typed ?? value}
        aria-describedby={warning ? `${id}-warning` : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          if (isWhole(event.target.value)) onChange(event.target.value);
        }}
        onBlur={() => {
          if (typed === undefined || isWhole(typed)) return;
          setTyped(undefined);
          if (typed === '') onChange(undefined);
        }}
      />
      {warning && <p id={`${id}-warning`} className="notice small" role="status">{warning}</p>}
    </div>
  );
}

interface SidebarProps {
  table: string;
  summary?: Summary;
  filters: Filters;
  loading: boolean;
  onChange: (filters: Filters) => void;
  onRefresh: () => void;
}

export function Sidebar({ table, summary, filters, loading, onChange, onRefresh }: SidebarProps) {
  const change = (changed: Filters) => onChange({ ...filters, ...changed });
  const products = summary?.products.map((product) => product.name).sort() ?? [];
  return (
    <aside className="sidebar" aria-label="Filters and promotions">
      <form aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
        <h2>Filters</h2>
        <Select id="spend-status" label="Select Customer Spend Status" choices={SPEND_STATUSES}
          value={filters.spend_status} onChange={(value) => change({ spend_status: value })} />
        <Select id="age-group" label="Select Age Group" choices={AGE_GROUPS}
          value={filters.age_group} onChange={(value) => change({ age_group: value })} />
        <div className="dates">
          <DateField id="start-date" label="Start Date" value={summary?.start ?? ''} answer={summary}
            warning={summary?.start_too_early && summary.earliest ? startTooEarly(summary.earliest) : ''}
            onChange={(value) => change({ start: value })} />
          <DateField id="end-date" label="End Date" value={summary?.end ?? ''} answer={summary}
            warning={summary?.end_in_future ? END_IN_FUTURE : ''}
            onChange={(value) => change({ end: value })} />
        </div>
        <CustomerBox table={table} value={filters.customer} onChange={(value) => change({ customer: value })} />
        <Select id="transaction-category" label="Select Transaction Category" choices={TRANSACTION_CATEGORIES}
          value={filters.transaction_category} onChange={(value) => change({ transaction_category: value })} />
        <Select id="product-category" label="Select Product Category" choices={products}
          value={filters.product_category} onChange={(value) => change({ product_category: value })} />
        <div className="actions">
          <button type="button" className="primary" onClick={onRefresh} aria-disabled={loading}>Refresh</button>
          <button type="button" onClick={() => onChange({})}>Reset filters</button>
        </div>
      </form>
      {summary && filters.spend_status && <Promotions summary={summary} status={filters.spend_status} />}
    </aside>
  );
}
