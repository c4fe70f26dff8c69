// SPDX-License-Identifier: Apache-2.0
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

import { fetchCustomers } from './api';

const ALL = 'All';

interface CustomerBoxProps {
  table: string;
  value: string | undefined;
  onChange: (customer: string | undefined) => void;
}

/**
 * A combobox (WAI-ARIA Authoring Practices, "Combobox with list autocomplete"): there may be any number of
 * customers, so that the server is asked for those whose ids begin with what is typed.
 */
export function CustomerBox({ table, value, onChange }: CustomerBoxProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string>();
  const [found, setFound] = useState({ begins: '', customers: [] as string[] });
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const begins = typed ?? '';
  // Those of what was typed before are none of these.
  const customers = found.begins === begins ? found.customers : [];
  const choices = begins === '' ? [ALL, ...customers] : customers;

  useEffect(() => {
    if (!open) return;
    const abort = new AbortController();
    fetchCustomers(table, begins, abort.signal).then(
      (answer) => {
        setFound({ begins, customers: answer.customers });
        setActive(0);
      },
      () => undefined, // What else is shown tells that the server is gone.
    );
    return () => abort.abort();
  }, [open, table, begins]);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  const close = () => {
    setOpen(false);
    setTyped(undefined);
  };
  const choose = (choice: string | undefined) => {
    if (choice === undefined) return;
    close();
    onChange(choice === ALL ? undefined : choice);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (!open) setOpen(true);
      else if (choices.length > 0) setActive((active + step + choices.length) % choices.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (open) choose(typed === '' ? ALL : choices[active]);
    } else if (event.key === 'Escape') {
      close();
    }
  };

  return (
    <div className="field combobox" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && close()}>
      <label htmlFor="customer">Select Customer ID</label>
      <input
        id="customer" role="combobox" aria-expanded={open} aria-controls="customers" aria-autocomplete="list"
        aria-activedescendant={open && choices.length > 0 ? `customer-${active}` : undefined} autoComplete="off"
        value={typed ?? value ?? ALL} onFocus={(event) => event.target.select()} onClick={() => setOpen(true)}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setTyped(event.target.value.trim());
          setOpen(true);
        }}
      />
      {open && (
        <ul id="customers" role="listbox" aria-label="Customer IDs" ref={list}>
          {choices.map((choice, index) => (
            <li key={choice} id={`customer-${index}`} role="option" aria-selected={choice === (value ?? ALL)}
              className={index === active ? 'active' : ''}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(choice);
              }}>
              {choice}
            </li>
          ))}
          {choices.length === 0 && found.begins === begins && <li role="presentation" className="quiet">No such customer</li>}
        </ul>
      )}
    </div>
  );
}
