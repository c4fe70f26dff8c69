// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useState } from 'react';

import { type Account, Failure, signOut, whoami } from './api';
import { Dashboard } from './dashboard';
import { SignIn } from './sign_in';

const RETRY_MS = 2000;

/** Who is signed in decides what there is to see; `undefined`: not known yet. */
export function App() {
  const [account, setAccount] = useState<Account | null>();
  const [notice, setNotice] = useState('');

  useEffect(() => {
    let retry: number | undefined;
    const ask = () => {
      whoami().then(setAccount, (failure: Failure) => {
        if (failure.kind === 'gone' || failure.kind === 'unavailable') {
          setNotice('Connection lost. Reconnecting…');
          retry = window.setTimeout(ask, RETRY_MS);
          return;
        }
        setNotice('');
        setAccount(null);
      });
    };
    ask();
    return () => window.clearTimeout(retry);
  }, []);

  const leave = useCallback(() => {
    signOut().then(
      () => {
        setNotice('');
        setAccount(null);
      },
      () => setNotice('You could not be signed out: the server does not answer.'),
    );
  }, []);
  const onSignedOut = useCallback(() => {
    setNotice('Your session has ended. Sign in again.');
    setAccount(null);
  }, []);

  if (account === undefined) {
    return <p className="whole-page" role="status">{notice || 'Loading…'}</p>;
  }
  if (account === null) return <SignIn notice={notice} onSignedIn={setAccount} />;
  return <Dashboard account={account} onLeave={leave} onSignedOut={onSignedOut} />;
}
