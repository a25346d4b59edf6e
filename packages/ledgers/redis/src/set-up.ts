/** Creates the ledger at the first use, on a server that evicts no keys; of several processes at once, one creates it. */
import { randomUUID } from 'node:crypto'
import { DustpanError } from '@dustpan/core/driver'
import type { Client } from './client.ts'
import { type Keys, version } from './keys.ts'
import { info, initialise } from './scripts.ts'

export interface Ready {
  readonly identity: string
  /** Reason why the server may lose records. */
  readonly doubt?: DustpanError
}

/** @throws DustpanError `DUSTPAN_LEDGER_NOT_READY`; errors of ioredis */
export async function setUp(client: Client, { ledger }: Keys): Promise<Ready> {
  const server = fieldsOf(((await client.eval(info, 1, ledger)) as [string])[0])
  const policy = server.get('maxmemory_policy') ?? 'noeviction'
  if (policy !== 'noeviction') throw evictsKeys(policy)
  const [identity, known] = (await client.eval(initialise, 1, ledger, randomUUID(), version)) as [string, string]
  if (Number(known) !== version) throw wrongVersion(ledger, known)
  // A server that restarted or was promoted may have lost the latest records; its new run_id makes clients send them again.
  const ready = { identity: `${identity} ${server.get('run_id')}` }
  return server.get('aof_enabled') === '0' ? { ...ready, doubt: keepsNoLog() } : ready
}

/** `name:value`, a line each. */
const fieldsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(Array.from(text.matchAll(/^(\w+):(.*?)\r?$/gm), ([, name = '', value = '']) => [name, value]))

const evictsKeys = (policy: string): DustpanError =>
  new DustpanError(
    'DUSTPAN_LEDGER_NOT_READY',
    `The shared ledger's server removes keys when its memory is full (maxmemory-policy ${policy}), so nothing was sent to it.`,
    { hint: 'Use a server of its own, with: CONFIG SET maxmemory-policy noeviction.' },
  )

const wrongVersion = (key: string, known: string): DustpanError =>
  new DustpanError(
    'DUSTPAN_LEDGER_NOT_READY',
    `The keys beside ${key} are of version ${known}, and this package knows version ${version}.`,
    {
      hint: 'All machines that share a ledger need the same version of @dustpan/redis-ledger; or give another `prefix`.',
    },
  )

const keepsNoLog = (): DustpanError =>
  new DustpanError(
    'DUSTPAN_LEDGER_FORGETS',
    "The shared ledger's server keeps no log of its changes (appendonly no): should it stop, what machines have sent that are gone by then may be lost.",
    { hint: 'Switch it on: CONFIG SET appendonly yes, and the same in redis.conf.' },
  )
