// SPDX-License-Identifier: Apache-2.0
import { type FormEvent, useRef, useState } from 'react';

import { type Account, type Failure, signIn } from './api';
import { Logo } from './logo';

const MESSAGES: Record<string, string> = {
  wrong_password: 'Incorrect username or password.',
  gone: 'The server does not answer. Try again in a moment.',
};

export function SignIn({ notice, onSignedIn }: { notice: string; onSignedIn: (account: Account) => void }) {
  const [message, setMessage] = useState('');
  const [busy, setBusy] = useState(false);
  const password = useRef<HTMLInputElement>(null);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    setBusy(true);
    signIn(text('user'), text('password'), text('role')).then(onSignedIn, (failure: Failure) => {
      setBusy(false);
      const words = failure.message.charAt(0).toUpperCase() + failure.message.slice(1);
      setMessage(MESSAGES[failure.kind] ?? (words.endsWith('.') ? words : `${words}.`));
      password.current?.select();
    });
  };

  return (
    <main className="sign-in">
      <form className="card" onSubmit={submit} aria-labelledby="sign-in-title">
        <Logo />
        <h1 id="sign-in-title">Customer Spending Dashboard</h1>
        <p className="quiet">Sign in as a user of the warehouse.</p>
        {notice && !message && <p className="notice" role="status">{notice}</p>}
        {message && <p className="notice error" role="alert">{message}</p>}
        <label htmlFor="user">User</label>
        <input id="user" name="user" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus />
        <label htmlFor="password">Password</label>
        <input id="password" name="password" type="password" autoComplete="current-password" required ref={password} />
        <label htmlFor="role">Role <span className="quiet">(yours by default)</span></label>
        <input id="role" name="role" autoComplete="off" autoCapitalize="none" spellCheck={false} />
        <button type="submit" className="primary" disabled={busy}>{busy ? 'Signing in…' : 'Sign in'}</button>
      </form>
    </main>
  );
}
