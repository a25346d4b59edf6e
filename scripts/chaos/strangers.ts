/** Data in the stores that belongs to no test: existing data, and data written by people at the same time. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { once } from '@dustpan/conformance/servers'
import { Redis } from 'ioredis'
import type { Lane } from './lane.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'

/** Writes to every store, partly under names like those of tests, and resolves to the stores' content. */
export async function strangersWrite({ places, env }: Lane, round: string): Promise<Snapshot> {
  const name = `test-user-20261121-${round}`
  await once(
    places.database,
    `WITH u AS (INSERT INTO users (email, name) VALUES ('${name}@example.com', 'user') RETURNING id),
       o AS (INSERT INTO orders (user_id) SELECT id FROM u RETURNING id)
     INSERT INTO order_items (order_id, product_id, quantity, price_cents) SELECT id, 1, 1, 700 FROM o;
     INSERT INTO categories (name) VALUES ('${name}-mops')`,
  )
  await register(env.SHOP_URL as string, name)
  using notes = new DatabaseSync(places.notes, { timeout: 20_000 })
  notes.prepare('INSERT INTO notes (text) VALUES (?)').run(name)
  if (places.redis) await setKeys(places.redis, name)
  writeFileSync(join(places.files, `${name}.txt`), name)
  return takeSnapshot(places)
}

export interface People {
  /** Stops them. Resolves to the number of their creations. */
  stop(): Promise<number>
}

/** Writes rows and keys continuously, all marked with `name`. */
export function peopleAtWork({ places, env }: Lane, name: string): People {
  let over = false
  const work = async () => {
    let made = 0
    for (; !over; await sleep(200)) {
      await once(places.database, `INSERT INTO categories (name) VALUES ('${name}-${made}')`)
      await register(env.SHOP_URL as string, `${name}-${made + 1}`)
      made += 2
    }
    return made
  }
  const working = work()
  return {
    stop() {
      over = true
      return working
    },
  }
}

/** Registers a user, as a person at a browser does. */
async function register(url: string, name: string): Promise<void> {
  const body = JSON.stringify({ name, email: `${name}@people.example`, password: 'a secret' })
  const { status } = await fetch(`${url}/users`, { method: 'POST', body })
  if (status !== 201) throw new Error(`${name} could not register: ${status}`)
}

async function setKeys(url: string, name: string): Promise<void> {
  const client = new Redis(url)
  await client.mset({ [`${name}:a`]: name, 'shared:flag': 'on' })
  client.disconnect()
}
