// SPDX-License-Identifier: Apache-2.0
import { type FormEvent, useState } from 'react';

interface TableChoiceProps {
  table: string;
  /** As the warehouse writes it. */
  shown?: string;
  onChange: (table: string) => void;
}

/** Which table is shown, and a way to show another one of the same columns. */
export function TableChoice({ table, shown, onChange }: TableChoiceProps) {
  const [open, setOpen] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('table') ?? '').trim();
    setOpen(false);
    if (name !== '' && name !== table) onChange(name);
  };
  if (!open) {
    return (
      <p className="table-choice">
        <code>{shown ?? table}</code>
        <button type="button" className="link" onClick={() => setOpen(true)}>Change table</button>
      </p>
    );
  }
  return (
    <form className="table-choice" onSubmit={submit} onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}>
      <label htmlFor="table">Table</label>
      <input id="table" name="table" defaultValue={table} size={48} spellCheck={false} autoFocus />
      <button type="submit" className="primary">Show</button>
      <button type="button" onClick={() => setOpen(false)}>Cancel</button>
    </form>
  );
}
