// SPDX-License-Identifier: Apache-2.0
// The server that test_drivers.py started, and the driver from where scripts/deps-snowflake.sh put it.

import { createRequire } from "node:module";

const driver = createRequire(`${process.env.TARN_TEST_DRIVER}/`)("snowflake-sdk");
driver.configure({ logLevel: "OFF" });

export const DATABASE = `NODE_${process.pid}`;

function connection(options) {
  return driver.createConnection({
    account: "tarn",
    accessUrl: `http://${process.env.TARN_TEST_HOST}:${process.env.TARN_TEST_PORT}`,
    username: process.env.TARN_TEST_USER,
    password: process.env.TARN_TEST_PASSWORD,
    disableCloudPlatformDetection: true,
    ...options,
  });
}

/** A connection, once it is there. */
export function open(options = {}) {
  const made = connection(options);
  return new Promise((resolve, reject) => made.connect((failure) => (failure ? reject(failure) : resolve(made))));
}

export function close(connected) {
  return new Promise((resolve, reject) => connected.destroy((failure) => (failure ? reject(failure) : resolve())));
}

/** The rows and the statement. */
export function execute(connected, sqlText, options = {}) {
  return new Promise((resolve, reject) => {
    connected.execute({
      sqlText,
      ...options,
      complete: (failure, statement, rows) => (failure ? reject(failure) : resolve({ statement, rows })),
    });
  });
}

export async function query(connected, sqlText, binds) {
  return (await execute(connected, sqlText, binds === undefined ? {} : { binds })).rows;
}
