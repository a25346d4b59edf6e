/** A site: machines that test the same shop and share a ledger. */
import { setTimeout } from 'node:timers/promises'
import type { LedgerConfig, SharedLedger } from '@dustpan/core/ledger'
import { onTestFinished } from 'vitest'
import { once } from '../../servers/postgres.ts'
import type { Server } from '../../servers/server.ts'
import { all } from '../all.ts'
import type { LedgerPlace, LedgerSubject } from '../subject.ts'
import { openMachine, type TestMachine } from './machine.ts'

export interface Site {
  readonly shop: string
  readonly place: LedgerPlace
  /** Adds a machine; `more`: additional lines of its configuration. */
  machine(more?: string, ledger?: LedgerConfig): TestMachine
  /** The names of the shop's users. */
  names(): Promise<readonly string[]>
  /** The number of creations in the shared ledger. */
  sent(): Promise<number>
}

export async function siteOf(shops: Server, ledgers: Server, subject: LedgerSubject): Promise<Site> {
  const shop = await shops.database(
    "CREATE TABLE users (id serial PRIMARY KEY, name text); INSERT INTO users VALUES (7000, 'somebody else')",
  )
  const place = await subject.place(ledgers)
  const ledger = subject.createLedger(place.config.options)
  onTestFinished(() => ledger[Symbol.asyncDispose]())
  return {
    shop,
    place,
    machine(more, config = place.config) {
      const one = openMachine(configOf(shop, config, more), {
        'a.test.ts': testOf(shop, 'a'),
        'b.test.ts': testOf(shop, 'b'),
      })
      onTestFinished(() => one[Symbol.dispose]())
      return one
    },
    names: async () => (await once(shop, 'SELECT name FROM users ORDER BY name')).rows.map(({ name }) => name),
    sent: () => creationsIn(ledger),
  }
}

/** Without a reaper, so that cleanup is left to another machine. */
export const configOf = (shop: string, ledger: LedgerConfig, more = 'reaper: false') => `
import { postgres } from '@dustpan/postgres'
export default {
  drivers: [postgres({ name: 'main', url: ${JSON.stringify(shop)} })],
  ledger: ${JSON.stringify(ledger)},
  ${more},
}`

/** A test that creates a user; one that is meant to hang prints so first. */
const testOf = (shop: string, name: string) => `
import { writeFileSync } from 'node:fs'
import pg from 'pg'
import { test } from 'vitest'
test('creates ${name}', { timeout: 600_000 }, async () => {
  const client = new pg.Client(${JSON.stringify(shop)})
  await client.connect()
  const { rows } = await client.query("INSERT INTO users (name) VALUES ('${name}') RETURNING id")
  await client.end()
  writeFileSync('made', String(rows[0].id))
  while (process.env.HANGS) await new Promise((resolve) => setTimeout(resolve, 50))
  if (process.env.FAILS) throw new Error('fails')
})
`

async function creationsIn(ledger: SharedLedger): Promise<number> {
  let count = 0
  for (const { run, writers } of await ledger.runs())
    for (const writer of writers.keys())
      count += (await all(ledger.lines(run, writer))).split('"e":"created"').length - 1
  return count
}

/** Polls until the condition holds, for events in other processes. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(50)
}
